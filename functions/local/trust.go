package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"vpnattach/shared/aws/webidentity"
	"vpnattach/shared/core/request"
)

// trustCommand prints what has to be set up for a profile without a stored key.
type trustCommand struct {
	Role     []string `required:"" help:"ARN of an AWS role that may take the RAM role: those of the functions apply and confirm. May be repeated." placeholder:"ARN"`
	Audience string   `required:"" help:"Whom the tokens are for: OidcAudience of the stack, and client id of the OIDC provider." placeholder:"TEXT"`
	Account  string   `help:"Id of the Alibaba Cloud account; that of the aliyun CLI or of Terraform's provider when absent." placeholder:"ID"`
	Issuer   string   `help:"Issuer of the AWS account; asked for by the aws CLI when absent." placeholder:"URL"`
	Name     string   `help:"Name of the OIDC provider, the RAM role and its policy." default:"vpnattach" placeholder:"NAME"`
	Format   string   `help:"${enum}." enum:"shell,terraform" default:"shell"`
}

// Help says how it is used.
func (c *trustCommand) Help() string {
	return `Nothing is called or changed here. As shell it is two parts: the first is for who administers
the AWS account, the second for who administers the Alibaba Cloud account. As Terraform it is one
configuration. Both were written to the documents of the two clouds, and not tried on them.`
}

var (
	//go:embed trust/shell.tmpl
	trustShell string
	//go:embed trust/terraform.tmpl
	trustTerraform string

	// What may stand between quotes of a shell and of HCL, too.
	awsRole   = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=.@_/-]+$`)
	clientID  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.:/_-]{0,63}$`)
	ramName   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$`)
	accountID = regexp.MustCompile(`^[0-9]*$`)
	plainURL  = regexp.MustCompile(`^https://[A-Za-z0-9./_-]{1,247}$`)
)

// Run prints it.
func (c *trustCommand) Run(p *program) error {
	var wrong []error
	must := func(ok bool, says string) {
		if !ok {
			wrong = append(wrong, errors.New(says))
		}
	}
	issuer, err := url.Parse(c.Issuer)
	must(!slices.ContainsFunc(c.Role, func(role string) bool { return !awsRole.MatchString(role) }),
		"--role must be the ARN of an AWS role, such as arn:aws:iam::123456789012:role/vpnattach-ApplyRole: the stack's output ApplyRoleArn")
	must(clientID.MatchString(c.Audience), "--audience must have 1 to 64 letters, digits and characters of .:/_-, and begin with a letter or digit")
	must(ramName.MatchString(c.Name), "--name must have 1 to 64 letters, digits, periods and hyphens, and begin with a letter or digit")
	must(accountID.MatchString(c.Account), "--account must be the id of an Alibaba Cloud account, which has digits only")
	must(c.Issuer == "" || err == nil && issuer.Host != "" && plainURL.MatchString(c.Issuer),
		"--issuer must be an https URL without a query: what aws iam get-outbound-web-identity-federation-info shows")
	if len(wrong) > 0 {
		return usageError{errors.Join(wrong...)}
	}
	text := map[string]string{"shell": trustShell, "terraform": trustTerraform}[c.Format]
	t, err := template.New(c.Format).Funcs(template.FuncMap{"json": indented, "quote": quoted}).Parse(text)
	if err != nil {
		return err
	}
	return t.Execute(p.out, map[string]any{
		"Roles": c.Role, "Audience": c.Audience, "Account": c.Account, "Issuer": c.Issuer, "Name": c.Name,
		"Actions": []string{"vpc:" + request.ModifyAction, "vpc:" + request.DescribeAction}, "Diagnose": "vpc:" + request.DiagnoseAction,
		"Algorithm": webidentity.Algorithm, "Seconds": webidentity.Seconds,
	})
}

// indented returns the JSON of a list, each item in a line with that indent.
func indented(indent string, items []string) string {
	lines := make([]string, len(items))
	for i, item := range items {
		lines[i] = indent + "  " + quoted(item)
	}
	return "[\n" + strings.Join(lines, ",\n") + "\n" + indent + "]"
}

func quoted(s string) string {
	text, _ := json.Marshal(s) // never fails
	return string(text)
}
