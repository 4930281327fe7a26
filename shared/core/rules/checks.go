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

var (
	fileInvalid = finding.Declare(finding.Check{
		ID: "rule-file-invalid", Severity: finding.Error, Part: finding.RuleFile,
		Title: "The rule file is not a JSON object with a list of rules.",
		Why:   "A rule file decides what is changed without anybody looking on, so nothing in it is guessed.",
		Hint:  `begin with {"rules": [ … ]}`,
		Ref:   "https://www.rfc-editor.org/rfc/rfc8259",
	})
	fileEmpty = finding.Declare(finding.Check{
		ID: "rule-file-empty", Severity: finding.Warning, Part: finding.RuleFile,
		Title: "The rule file holds no rule.",
		Why:   "Without a rule no event leads to a change.",
		Hint:  "add a rule, or leave the file out",
	})
	keyUnknown = finding.Declare(finding.Check{
		ID: "rule-key-unknown", Severity: finding.Error, Part: finding.RuleFile,
		Title: "The rule file has a key that means nothing.",
		Why:   "A misspelt “only” would leave a rule without its limits.",
		Hint:  "a rule has name, match, with, from, each, only, time, version and credentials",
	})
	keyRepeated = finding.Declare(finding.Check{
		ID: "rule-key-repeated", Severity: finding.Error, Part: finding.RuleFile,
		Title: "A key appears twice in one object of the rule file.",
		Why:   "Of two members with one name only one counts, and not always the one that its author looks at.",
		Hint:  "keep one of them",
	})
	wrongType = finding.Declare(finding.Check{
		ID: "rule-wrong-type", Severity: finding.Error, Part: finding.RuleFile,
		Title: "A value in the rule file is of the wrong JSON type.",
		Why:   "What can’t be read as it was meant is not guessed.",
		Fix:   "Give the type that the finding names.",
	})
	nameInvalid = finding.Declare(finding.Check{
		ID: "rule-name", Severity: finding.Error, Part: finding.RuleFile,
		Title: "A rule has no name, a bad one, or one that another rule has; or it chooses credentials by a bad name.",
		Why:   "Outcomes and explanations name the rule, and deduplication tells changes of one event apart by it.",
		Hint:  "give each rule its own name of at most 64 letters, digits, dots, hyphens and underscores",
	})
	incomplete = finding.Declare(finding.Check{
		ID: "rule-incomplete", Severity: finding.Error, Part: finding.RuleFile,
		Title: "A rule lacks what every rule needs: match, and VpnConnectionId and RegionId in with or from.",
		Why:   "A rule without a pattern would match every event, and a change without an address reaches nothing.",
		Fix:   "Add what the finding names.",
	})
	patternInvalid = finding.Declare(finding.Check{
		ID: "pattern-invalid", Severity: finding.Error, Part: finding.RuleFile,
		Title: "The pattern of a rule is not one that EventBridge takes.",
		Why:   "The pattern is the one that EventBridge takes, so that it can be tried there. What EventBridge refuses is refused here.",
		Fix:   "Write it as the finding says. The page completes fields and operators.",
		Ref:   refPattern,
	})
	patternNever = finding.Declare(finding.Check{
		ID: "pattern-never-matches", Severity: finding.Error, Part: finding.RuleFile,
		Title: "No event can match the pattern.",
		Why:   "Two conditions exclude each other, so the rule would stay silent for ever, unnoticed.",
		Fix:   "Loosen one of the conditions that the finding names.",
		Ref:   refPattern,
	})
	parameterUnknown = finding.Declare(finding.Check{
		ID: "rule-parameter-unknown", Severity: finding.Error, Part: finding.RuleFile,
		Title: "A rule names a parameter that the API does not have.",
		Why:   "A misspelt parameter would silently change nothing.",
		Hint:  "use the API's names: RemoteSubnet, IkeConfig.Psk, Tunnel.1.TunnelIkeConfig.Psk",
	})
	parameterConflict = finding.Declare(finding.Check{
		ID: "rule-parameter-conflict", Severity: finding.Error, Part: finding.RuleFile,
		Title: "A rule gives a parameter twice: in with and from, or an object and one of its fields.",
		Why:   "Which of the two counts would depend on their order.",
		Hint:  "keep one of them",
	})
	pathInvalid = finding.Declare(finding.Check{
		ID: "path-invalid", Severity: finding.Error, Part: finding.RuleFile,
		Title: "A path of a rule can't be read.",
		Why:   "A path that can’t be read finds nothing in any event.",
		Fix:   "Write the path in gjson’s syntax, such as detail.sites or $.detail.region.",
		Ref:   refPath,
	})
	tokenFixed = finding.Declare(finding.Check{
		ID: "client-token-fixed", Severity: finding.Error, Part: finding.RuleFile,
		Title: "A constant ClientToken makes the service take different requests for one.",
		Why:   "The service takes two requests with one token for the same, and does not carry out the second.",
		Hint:  "leave it out: it is computed from the events and the parameters",
	})
	secretInFile = finding.Declare(finding.Check{
		ID: "secret-in-rule-file", Severity: finding.Warning, Part: finding.RuleFile,
		Title: "A rule file holds a secret in plain text.",
		Why:   "A rule file is kept in repositories and shown in reviews. A key in it is known to all who can read it.",
		Hint:  "store it and give a reference: {{resolve:secretsmanager:vpn/site-a:SecretString:psk}}",
		Ref:   refReference,
	})
	referenceInvalid = finding.Declare(finding.Check{
		ID: "reference-invalid", Severity: finding.Error, Part: finding.RuleFile,
		Title: "A dynamic reference to a secret can't be read.",
		Why:   "A reference that can’t be read would be sent as the key, in plain text.",
		Hint:  "write {{resolve:secretsmanager:name-or-arn:SecretString:json-key}} or {{resolve:ssm-secure:name:version}}",
		Ref:   refReference,
	})
	pathFindsNothing = finding.Declare(finding.Check{
		ID: "path-finds-nothing", Severity: finding.Error, Part: finding.RuleMatch,
		Title: "A path of a rule finds nothing in the event.",
		Why:   "The rule promises a value that this event does not have. A change without it might do something else.",
		Hint:  `end the path in "?" if the value may be absent`,
		Ref:   refPath,
	})
	eachNoArray = finding.Declare(finding.Check{
		ID: "each-not-array", Severity: finding.Error, Part: finding.RuleMatch,
		Title: "The path of each finds no array.",
		Why:   "The rule makes a change of each element, and there are none.",
		Hint:  "let it name an array, or leave each out",
	})
	outsideOnly = finding.Declare(finding.Check{
		ID: "attachment-not-allowed", Severity: finding.Error, Part: finding.RuleMatch,
		Title: "A rule would touch an attachment that its only does not list.",
		Why:   "“only” is the limit that the rule’s author set, whatever an event may say.",
		Hint:  "add the id to only, if the rule may touch it",
	})
	timeUnreadable = finding.Declare(finding.Check{
		ID: "time-unreadable", Severity: finding.Error, Part: finding.RuleMatch,
		Title: "The event's own time can't be read.",
		Why:   "The time decides which of two events is newer, so without it an old event could undo a new one.",
		Hint:  "it is RFC 3339, or seconds or milliseconds since 1970",
		Ref:   refTime,
	})
	versionUnused = finding.Declare(finding.Check{
		ID: "rule-version-unused", Severity: finding.Error, Part: finding.RuleFile,
		Title: "A rule names the version of a secret, but gives no reference to one, or references to several.",
		Why:   "A version pins a reference to the secret that the event is about. Without a reference there is nothing to pin.",
		Hint:  "leave version out, or give the secret as a dynamic reference in with",
		Ref:   refReference,
	})
	versionUnreadable = finding.Declare(finding.Check{
		ID: "version-unreadable", Severity: finding.Error, Part: finding.RuleMatch,
		Title: "What an event gives as the version of a secret is none.",
		Why:   "The event is about one version of the secret. Another one might be a key that the other end does not have yet.",
		Hint:  "let version name the path of a version id, or of the version number of a parameter",
		Ref:   refReference,
	})
)

// Checks of package attachment that rules make findings of, too.
var (
	referenceInEvent   = attachment.ReferenceInEvent
	referenceMisplaced = attachment.ReferenceMisplaced
)

// newFinding makes a finding of the check. A hint that is not empty replaces the
// check's.
func newFinding(check *finding.Check, path, message, hint string) finding.Finding {
	f := check.At(path, message)
	if hint != "" {
		f.Hint = hint
	}
	return f
}
