package vpc

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vpnattach/shared/outcome"
)

// Code is one row of the table of failures.
type Code struct {
	// Name is a code as the service spells it; with a * at an end, the codes that
	// begin so, or hold that. Three more kinds of failure have rows of their own:
	// answers whose code is unknown, by their HTTP status ("HTTP 5xx"), and calls
	// without an answer, in lower case ("no answer").
	Name    string
	Status  int // of HTTP, as documented; 0 when it varies. Only the code counts.
	Class   outcome.Class
	Meaning string // what the failure says
	Remedy  string // what to do about it
	Source  string // where it is documented, as in the constants From…
}

// The sources of the table.
const (
	FromPage     = "the error codes of ModifyVpnAttachmentAttribute"
	FromCommon   = "the common error codes of Alibaba Cloud's APIs"
	FromProvider = "the Terraform provider aliyun/alicloud, which repeats such calls"
	FromClient   = "this client"
)

// Codes returns the table. A code is looked up by its whole name first, then by
// the patterns in their order here, then by the HTTP status.
func Codes() []Code { return slices.Clone(codes) }

const (
	retried      = "Nothing: the change is sent again once that is over."
	fewerSubnets = "Use fewer and larger blocks in LocalSubnet and RemoteSubnet." + fixChange
	fixChange    = " Then send a new event: this one is not tried again."
)

// NewEvent ends the remedies of what is wrong with a change. It has no meaning where none
// was sent.
const NewEvent = fixChange

var codes = []Code{
	{"VpnConnection.Configuring", 400, outcome.ClassBusy, "The attachment is being configured; one change at a time is possible.", retried, FromPage},
	{"VpnConnection.FinancialLocked", 400, outcome.ClassBlocked, "The attachment is locked because a payment is overdue.",
		"Settle the account's overdue payment.", FromPage},
	{"InvalidName", 400, outcome.ClassRejected, "The name is not valid.",
		"Give a Name of 1 to 100 characters that does not start with http:// or https://." + fixChange, FromPage},
	{"VpnRouteEntry.AlreadyExists", 400, outcome.ClassRejected, "A route that the new subnets need already exists.",
		"Remove that route, or use other subnets." + fixChange, FromPage},
	{"VpnRouteEntry.Conflict", 400, outcome.ClassRejected, "A route that the new subnets need conflicts with another one.",
		"Compare the subnets with the routes of the transit router and of the other connections, and resolve the conflict." + fixChange, FromPage},
	{"NotSupportVpnConnectionParameter.IpsecPfs", 400, outcome.ClassRejected, "The DH group in IpsecPfs is not supported.",
		"Use disabled, group1, group2, group5 or group14." + fixChange, FromPage},
	{"NotSupportVpnConnectionParameter.IpsecAuthAlg", 400, outcome.ClassRejected, "The algorithm in IpsecAuthAlg is not supported.",
		"Use md5, sha1, sha256, sha384 or sha512." + fixChange, FromPage},
	{"VpnRouteEntry.BackupRoute", 400, outcome.ClassRejected, "The check of active and standby routes failed.",
		"Look at the routes of the connections that share this destination: one active, one standby." + fixChange, FromPage},
	{"VpnRouteEntry.InvalidWeight", 400, outcome.ClassRejected, "The weight of a route is invalid.",
		"Correct the weight of the routes that belong to the attachment." + fixChange, FromPage},
	{"MissingParameter.TunnelCidr", 400, outcome.ClassRejected, "BGP is on, and TunnelCidr is missing.",
		"Give BgpConfig.TunnelCidr and LocalBgpIp, or switch BGP off." + fixChange, FromPage},
	{"OperationUnsupported.EnableBgp", 400, outcome.ClassRejected, "The region does not support BGP.",
		"Leave BGP off and use static routes." + fixChange, FromPage},
	{"MissingParam.CustomerGatewayAsn", 400, outcome.ClassRejected, "BGP is on, and the customer gateway has no AS number.",
		"Use a customer gateway that was created with an AS number, or switch BGP off." + fixChange, FromPage},
	{"IllegalParam.LocalAsn", 400, outcome.ClassRejected, "LocalAsn is invalid.",
		"Give an AS number from 1 to 4294967295." + fixChange, FromPage},
	{"IllegalParam.BgpConfig", 400, outcome.ClassRejected, "BgpConfig is invalid.",
		"Check EnableBgp, LocalAsn, TunnelCidr and LocalBgpIp against the reference." + fixChange, FromPage},
	{"IllegalParam.TunnelCidr", 400, outcome.ClassRejected, "TunnelCidr is invalid.",
		"Give a /30 within 169.254.0.0/16 that is not reserved and that no other tunnel has." + fixChange, FromPage},
	{"InvalidLocalBgpIp.Malformed", 400, outcome.ClassRejected, "LocalBgpIp is not an IP address.",
		"Give one IPv4 address within TunnelCidr." + fixChange, FromPage},
	{"IllegalParam.LocalBgpIp", 400, outcome.ClassRejected, "LocalBgpIp is invalid.",
		"Give one of the two usable addresses of TunnelCidr." + fixChange, FromPage},
	{"IllegalParam.LocalSubnet", 400, outcome.ClassRejected, "LocalSubnet is invalid.",
		"Give CIDR blocks without spaces, separated by commas." + fixChange, FromPage},
	{"IllegalParam.RemoteSubnet", 400, outcome.ClassRejected, "RemoteSubnet is invalid.",
		"Give CIDR blocks without spaces, separated by commas." + fixChange, FromPage},
	{"CustomerGateway.ConflictRouteEntry", 400, outcome.ClassRejected, "The customer gateway conflicts with a route.",
		"Remove the customer gateway's address from the routed subnets, or use another gateway." + fixChange, FromPage},
	{"IllegalParam.NetworkType", 400, outcome.ClassRejected, "NetworkType is invalid.",
		"Leave NetworkType out: it can't be changed." + fixChange, FromPage},
	{"InvalidTunnelCidr.Malformed", 400, outcome.ClassRejected, "TunnelCidr is not a CIDR block.",
		"Give a /30 within 169.254.0.0/16." + fixChange, FromPage},
	{"InvalidVpnGatewayInstanceId.NotFound", 400, outcome.ClassRejected, "The VPN gateway does not exist.",
		"Check that the connection belongs to a transit router: connections of a VPN gateway have an operation of their own." + fixChange, FromPage},
	{"Resource.QuotaFull", 400, outcome.ClassBlocked, "A quota of the account is used up.",
		"Have the quota raised, or remove what is no longer needed.", FromPage},
	{"CreateDbrRoutesQuotaFull.QuotaFull", 400, outcome.ClassBlocked, "The quota of destination routes is used up.",
		"Have the quota raised, or remove destination routes.", FromPage},
	{"CreatePbrRoutesQuotaFull.QuotaFull", 400, outcome.ClassBlocked, "The quota of policy routes is used up.",
		"Have the quota raised, or remove policy routes; fewer and larger subnets need fewer.", FromPage},
	{"Forbbiden.SubUser", 403, outcome.ClassBlocked, "The RAM user is not allowed to change the resource, which another user of the account created.",
		"Grant the RAM user vpc:ModifyVpnAttachmentAttribute and vpc:DescribeVpnConnection on it.", FromPage},
	{"Forbidden", 403, outcome.ClassBlocked, "The caller is not allowed to change the resource.",
		"Grant the caller vpc:ModifyVpnAttachmentAttribute and vpc:DescribeVpnConnection on it.", FromPage},
	{"InvalidVpnConnectionInstanceId.NotFound", 404, outcome.ClassRejected, "The attachment does not exist in this region and account.",
		"Check VpnConnectionId and RegionId, and whose access key is used." + fixChange, FromPage},

	{"VpnConnection.InvalidCreateTunnelOptions", 400, outcome.ClassRejected, "A new IPsec-VPN connection has two tunnels, and this one was asked for with one.",
		"Create it with two items of TunnelOptionsSpecification. A change of an attachment never gets this code." + fixChange, FromProvider},
	{"Appliance.Configuring", 400, outcome.ClassBusy, "The appliance behind the attachment is being configured.", retried, FromProvider},
	{"VpnGateway.Configuring", 400, outcome.ClassBusy, "The VPN gateway is being configured.", retried, FromProvider},
	{"VpnTask.CONFLICT", 400, outcome.ClassBusy, "Another change of the attachment is under way.", retried, FromProvider},
	{"TaskConflict", 400, outcome.ClassBusy, "Another change is under way.", retried, FromProvider},
	{"*TaskConflict*", 400, outcome.ClassBusy, "Another change is under way.", retried, FromProvider},
	{"OperationConflict*", 400, outcome.ClassBusy, "Another operation on the resource is under way.", retried, FromProvider},
	{"IncorrectStatus*", 400, outcome.ClassBusy, "A resource that the change needs is in a state in which it can't be changed.", retried + " If it goes on, look at the state of the resource that the code names.", FromProvider},
	{"*LastTokenProcessing*", 0, outcome.ClassBusy, "An earlier request with the same ClientToken is under way.", retried, FromProvider},
	{"SystemBusy", 400, outcome.ClassBusy, "The service is busy with other changes.", retried, FromProvider},
	{"UnknownError", 0, outcome.ClassTransient, "The service failed without saying why.",
		"Nothing at first: the change is tried again. If it goes on, compare the change with the reference and tell Alibaba Cloud the request id.", FromProvider},

	{"Throttling", 400, outcome.ClassThrottled, "Too many calls.", "Nothing: the change is sent again later. If it goes on, have the API's rate quota raised.", FromCommon},
	{"Throttling.User", 400, outcome.ClassThrottled, "Too many calls by this account.", "Nothing: the change is sent again later. If it goes on, look for other programs that use the account.", FromCommon},
	{"Throttling.Api", 400, outcome.ClassThrottled, "Too many calls of this operation.", "Nothing: the change is sent again later. If it goes on, have the API's rate quota raised.", FromCommon},
	{"Rejected.Throttling", 400, outcome.ClassThrottled, "Too many calls.", "Nothing: the change is sent again later.", FromProvider},
	{"*Throttling*", 0, outcome.ClassThrottled, "Too many calls.", "Nothing: the change is sent again later.", FromProvider},
	{"InternalError", 500, outcome.ClassTransient, "The service failed.",
		"Nothing: Describe shows whether the change was made, else it is tried again. If it goes on, tell Alibaba Cloud the request id.", FromCommon},
	{"ServiceUnavailable", 503, outcome.ClassTransient, "The service is not available.",
		"Nothing: Describe shows whether the change was made, else it is tried again.", FromCommon},
	{"SignatureNonceUsed", 400, outcome.ClassNonceUsed, "The service has seen the request's nonce before.",
		"Nothing: each attempt has a new nonce. If it goes on, something on the way repeats requests.", FromCommon},
	{"IdempotentParameterMismatch", 400, outcome.ClassTokenMismatch, "The ClientToken was used for a change with other parameters.",
		"Nothing: the request is built anew from the attachment's current state. If the event has a ClientToken, leave it out.", FromCommon},

	{"*Quota*", 0, outcome.ClassBlocked, "A quota of the account is used up.", "Have the quota that the code names raised, or remove what is no longer needed.", FromCommon},
	{"InvalidAccountStatus*", 403, outcome.ClassBlocked, "The state of the account does not allow the call: its balance is too low, or a service is not open.",
		"Do what the message says, such as paying the balance.", FromCommon},
	{"MissingAccessKeyId", 400, outcome.ClassBlocked, "The request came without an access key.",
		"Check the access key id, and that nothing between here and the service removes headers from requests.", FromCommon},
	{"InvalidAccessKeyId.NotFound", 404, outcome.ClassBlocked, "The access key does not exist.",
		"Correct the access key id; an STS key also needs its security token.", FromCommon},
	{"InvalidAccessKeyId.Inactive", 400, outcome.ClassBlocked, "The access key is disabled.", "Enable the access key, or use another one.", FromCommon},
	{"InvalidAccessKeyId*", 0, outcome.ClassBlocked, "The access key is not accepted.", "Use another access key.", FromCommon},
	{"MissingSecurityToken", 400, outcome.ClassBlocked, "The security token of a temporary access key is missing.",
		"Set the security token that belongs to the access key.", FromCommon},
	{"InvalidSecurityToken*", 0, outcome.ClassBlocked, "The security token is expired, or belongs to another access key.",
		"Get a new temporary access key, and set its id, secret and token together.", FromCommon},
	{"SignatureDoesNotMatch", 0, outcome.ClassBlocked, "The signature differs from the one that the service computes.",
		"Check the access key secret: it is not the one of this access key id.", FromCommon},
	{"IncompleteSignature", 400, outcome.ClassBlocked, "The signature is incomplete.",
		"Check that nothing between here and the service removes headers from requests.", FromCommon},
	{"InvalidTimeStamp.Format", 400, outcome.ClassBlocked, "The time of the request is in the wrong format.",
		"Check that nothing between here and the service changes requests.", FromCommon},
	{"InvalidTimeStamp.Expired", 400, outcome.ClassBlocked, "The time of the request is more than 15 minutes off.",
		"Correct the clock of this machine.", FromCommon},
	{"Forbidden.RAM", 403, outcome.ClassBlocked, "A RAM policy does not allow the call.",
		"Grant the caller vpc:ModifyVpnAttachmentAttribute and vpc:DescribeVpnConnection on the attachment, and vpc:DiagnoseVpnConnections on all resources.", FromCommon},
	{"Forbidden*", 403, outcome.ClassBlocked, "The call is not allowed.", "Grant the caller the permission that the message names.", FromCommon},
	{"InvalidApi.NotFound", 404, outcome.ClassBlocked, "The endpoint does not know the operation.",
		"Check the endpoint: it must be one of the VPC API.", FromCommon},
	{"UnsupportedHTTPMethod", 400, outcome.ClassBlocked, "The endpoint does not accept the HTTP method.",
		"Check the endpoint, and that nothing on the way changes requests.", FromCommon},

	{"UnsupportedParameter", 400, outcome.ClassRejected, "A parameter does not go with this attachment.",
		"Use TunnelOptionsSpecification for a dual-tunnel attachment and IkeConfig, IpsecConfig, BgpConfig and HealthCheckConfig for a single-tunnel one." + fixChange, FromCommon},
	{"MissingParameter", 400, outcome.ClassRejected, "A mandatory parameter is missing.", "Give the parameter that the message names." + fixChange, FromCommon},
	{"InvalidParameter", 400, outcome.ClassRejected, "A parameter is invalid.", "Correct the parameter that the message names." + fixChange, FromCommon},
	{"InvalidRegionId.NotFound", 404, outcome.ClassRejected, "The region does not exist.", "Correct RegionId." + fixChange, FromCommon},
	{"Missing*", 400, outcome.ClassRejected, "A mandatory parameter is missing.", "Give the parameter that the code names." + fixChange, FromCommon},
	{"Invalid*", 0, outcome.ClassRejected, "A parameter is invalid, or what it names does not exist.", "Correct the parameter that the code names." + fixChange, FromCommon},
	{"IllegalParam.*", 400, outcome.ClassRejected, "A parameter is invalid.", "Correct the parameter that the code names." + fixChange, FromPage},

	{"HTTP 2xx", 0, outcome.ClassTransient, "The answer reports success, but is not one of the VPC API.",
		"Check the endpoint and any proxy in between. Describe shows whether the change was made.", FromClient},
	{"HTTP 3xx", 0, outcome.ClassBlocked, "The endpoint answers with a redirect, which a signed request must not follow.",
		"Check the endpoint and any proxy in between.", FromClient},
	{"HTTP 401", 401, outcome.ClassBlocked, "The caller is not accepted.", "Check the access key, the endpoint and any proxy in between.", FromClient},
	{"HTTP 403", 403, outcome.ClassBlocked, "The call is not allowed.", "Check the caller's permissions, the endpoint and any proxy in between.", FromClient},
	{"HTTP 407", 407, outcome.ClassBlocked, "A proxy requires authentication.", "Configure the proxy's user name and password.", FromClient},
	{"HTTP 408", 408, outcome.ClassTransient, "The request timed out.", "Nothing: Describe shows whether the change was made, else it is tried again.", FromClient},
	{"HTTP 413", 413, outcome.ClassRejected, "The request is too large.", fewerSubnets, FromClient},
	{"HTTP 414", 414, outcome.ClassRejected, "The request is too large.", fewerSubnets, FromClient},
	{"HTTP 429", 429, outcome.ClassThrottled, "Too many calls.", "Nothing: the change is sent again later.", FromClient},
	{"HTTP 431", 431, outcome.ClassRejected, "The request is too large.", fewerSubnets, FromClient},
	{"HTTP 4xx", 0, outcome.ClassRejected, "The service refuses the request with a code that is not documented.",
		"Do what the message says; the service's list of error codes may know more." + fixChange, FromClient},
	{"HTTP 4xx without a code", 0, outcome.ClassBlocked, "The answer is not one of the VPC API, whose errors have a code.",
		"Check the endpoint and any proxy in between.", FromClient},
	{"HTTP 5xx", 0, outcome.ClassTransient, "The service, or a proxy in between, failed.",
		"Nothing: Describe shows whether the change was made, else it is tried again.", FromClient},

	rowNoAnswer, rowNoTrust, rowNoKey, rowNotSendable, rowTooLarge, rowOwnLimit,
}

// The failures without an answer.
var (
	rowNoAnswer = Code{"no answer", 0, outcome.ClassTransient, "The connection failed, or the request timed out.",
		"Nothing: Describe shows whether the change was made, else it is tried again. If it goes on, check the network, the name of the region and the endpoint.", FromClient}
	rowNoTrust = Code{"no trust", 0, outcome.ClassBlocked, "The endpoint's TLS certificate is not trusted.",
		"Check the endpoint, the clock, and the certificates that this machine trusts.", FromClient}
	rowNoKey = Code{"no access key", 0, outcome.ClassBlocked, "The access key is missing or can't be used to sign the request.",
		"Check where the access key, its secret and its security token come from; look for a line break at the end.", FromClient}
	rowNotSendable = Code{"not sendable", 0, outcome.ClassRejected, "No request can be built from the change.",
		"Give RegionId and VpnConnectionId, and keys instead of references to secrets." + fixChange, FromClient}
	rowTooLarge = Code{"too large", 0, outcome.ClassRejected, "The request is too large for any server.", fewerSubnets, FromClient}
	rowOwnLimit = Code{"own limit", 0, outcome.ClassThrottled, "The program's own rate limit left no call in time.",
		"Nothing: the change is sent again later. If it goes on, raise the limit.", FromClient}
)

var byName = func() map[string]Code {
	rows := make(map[string]Code, len(codes))
	for _, row := range codes {
		rows[row.Name] = row
	}
	return rows
}()

// serverFailure matches the message of a call that failed within the service,
// whatever the code. Source: NeedRetry of the Terraform provider.
var serverFailure = regexp.MustCompile(`^code: 5\d\d`)

// Explain returns the row of a code, or of the pattern that fits it.
func Explain(code string) (row Code, known bool) {
	if row, known = byName[code]; known || code == "" {
		return row, known
	}
	for i := range codes {
		if codes[i].covers(code) {
			return codes[i], true
		}
	}
	return row, false
}

// lookUp returns the row for an error answer; code is empty for an answer without one.
func lookUp(code, message string, status int) Code {
	if row, known := Explain(code); known {
		return row
	}
	if serverFailure.MatchString(message) {
		return byName["HTTP 5xx"]
	}
	name := "HTTP " + strconv.Itoa(status)
	if row, known := byName[name]; known {
		return row
	}
	name = "HTTP " + strconv.Itoa(status/100) + "xx"
	if code == "" && status/100 == 4 {
		name += " without a code"
	}
	if row, known := byName[name]; known {
		return row
	}
	return byName["HTTP 5xx"] // a status that HTTP does not define
}

// covers reports whether the row is a pattern that fits the code.
func (c *Code) covers(code string) bool {
	part, prefix := strings.CutSuffix(c.Name, "*")
	if !prefix {
		return false
	}
	if inside, anywhere := strings.CutPrefix(part, "*"); anywhere {
		return strings.Contains(code, inside)
	}
	return strings.HasPrefix(code, part)
}
