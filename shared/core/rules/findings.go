package rules

import (
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
)

const (
	refPattern   = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html"
	refPath      = "https://github.com/tidwall/gjson/blob/master/SYNTAX.md"
	refReference = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html"
	refTime      = "https://www.rfc-editor.org/rfc/rfc3339"
)

// The ids of the findings of this package.
const (
	fileInvalid       = "rule-file-invalid"
	fileEmpty         = "rule-file-empty"
	keyUnknown        = "rule-key-unknown"
	keyRepeated       = "rule-key-repeated"
	wrongType         = "rule-wrong-type"
	nameInvalid       = "rule-name"
	incomplete        = "rule-incomplete"
	patternInvalid    = "pattern-invalid"
	patternNever      = "pattern-never-matches"
	parameterUnknown  = "rule-parameter-unknown"
	parameterConflict = "rule-parameter-conflict"
	pathInvalid       = "path-invalid"
	tokenFixed        = "client-token-fixed"
	secretInFile      = "secret-in-rule-file"
	referenceInvalid  = "reference-invalid"
	pathFindsNothing  = "path-finds-nothing"
	eachNoArray       = "each-not-array"
	outsideOnly       = "attachment-not-allowed"
	timeUnreadable    = "time-unreadable"
	versionUnused     = "rule-version-unused"
	versionUnreadable = "version-unreadable"

	// Rows of the table of package attachment.
	referenceInEvent   = "reference-in-event"
	referenceMisplaced = "reference-misplaced"
)

// table declares each rule of this package once.
var table = [...]finding.Check{
	{ID: fileInvalid, Severity: finding.Error, Title: "The rule file is not a JSON object with a list of rules.", Hint: `begin with {"rules": [ … ]}`, Ref: "https://www.rfc-editor.org/rfc/rfc8259"},
	{ID: fileEmpty, Severity: finding.Warning, Title: "The rule file holds no rule.", Hint: "add a rule, or leave the file out"},
	{ID: keyUnknown, Severity: finding.Error, Title: "The rule file has a key that means nothing.", Hint: "a rule has name, match, with, from, each, only, time, version and credentials"},
	{ID: keyRepeated, Severity: finding.Error, Title: "A key appears twice in one object of the rule file.", Hint: "keep one of them"},
	{ID: wrongType, Severity: finding.Error, Title: "A value in the rule file is of the wrong JSON type."},
	{ID: nameInvalid, Severity: finding.Error, Title: "A rule has no name, a bad one, or one that another rule has; or it chooses credentials by a bad name.", Hint: "give each rule its own name of at most 64 letters, digits, dots, hyphens and underscores"},
	{ID: incomplete, Severity: finding.Error, Title: "A rule lacks what every rule needs: match, and VpnConnectionId and RegionId in with or from."},
	{ID: patternInvalid, Severity: finding.Error, Title: "The pattern of a rule is not one that EventBridge takes.", Ref: refPattern},
	{ID: patternNever, Severity: finding.Error, Title: "No event can match the pattern.", Ref: refPattern},
	{ID: parameterUnknown, Severity: finding.Error, Title: "A rule names a parameter that the API does not have.", Hint: "use the API's names: RemoteSubnet, IkeConfig.Psk, Tunnel.1.TunnelIkeConfig.Psk"},
	{ID: parameterConflict, Severity: finding.Error, Title: "A rule gives a parameter twice: in with and from, or an object and one of its fields.", Hint: "keep one of them"},
	{ID: pathInvalid, Severity: finding.Error, Title: "A path of a rule can't be read.", Ref: refPath},
	{ID: tokenFixed, Severity: finding.Error, Title: "A constant ClientToken makes the service take different requests for one.", Hint: "leave it out: it is computed from the events and the parameters"},
	{ID: secretInFile, Severity: finding.Warning, Title: "A rule file holds a secret in plain text.", Hint: "store it and give a reference: {{resolve:secretsmanager:vpn/site-a:SecretString:psk}}", Ref: refReference},
	{ID: referenceInvalid, Severity: finding.Error, Title: "A dynamic reference to a secret can't be read.", Hint: "write {{resolve:secretsmanager:name-or-arn:SecretString:json-key}} or {{resolve:ssm-secure:name:version}}", Ref: refReference},
	{ID: pathFindsNothing, Severity: finding.Error, Title: "A path of a rule finds nothing in the event.", Hint: `end the path in "?" if the value may be absent`, Ref: refPath},
	{ID: eachNoArray, Severity: finding.Error, Title: "The path of each finds no array.", Hint: "let it name an array, or leave each out"},
	{ID: outsideOnly, Severity: finding.Error, Title: "A rule would touch an attachment that its only does not list.", Hint: "add the id to only, if the rule may touch it"},
	{ID: timeUnreadable, Severity: finding.Error, Title: "The event's own time can't be read.", Hint: "it is RFC 3339, or seconds or milliseconds since 1970", Ref: refTime},
	{ID: versionUnused, Severity: finding.Error, Title: "A rule names the version of a secret, but gives no reference to one, or references to several.", Hint: "leave version out, or give the secret as a dynamic reference in with", Ref: refReference},
	{ID: versionUnreadable, Severity: finding.Error, Title: "What an event gives as the version of a secret is none.", Hint: "let version name the path of a version id, or of the version number of a parameter", Ref: refReference},
}

// Rules returns a row for each rule whose findings this package gives, those that it
// shares with package attachment excepted, in the order of the table.
func Rules() []finding.Check { return table[:] }

// newFinding makes a finding of the rule with that id. A hint of its own replaces the
// one of the rule's row.
func newFinding(id, path, message, hint string) finding.Finding {
	f := finding.Finding{Rule: id, Path: path, Severity: finding.Error, Message: message, Hint: hint}
	for _, rows := range [...][]finding.Check{table[:], attachment.Rules()} {
		for i := range rows {
			if rows[i].ID == id {
				f.Severity, f.Ref = rows[i].Severity, rows[i].Ref
				if hint == "" {
					f.Hint = rows[i].Hint
				}
				return f
			}
		}
	}
	return f
}
