package rules

import "vpnattach/shared/core/attachment"

const (
	refPattern   = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html"
	refPath      = "https://github.com/tidwall/gjson/blob/master/SYNTAX.md"
	refReference = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html"
	refTime      = "https://www.rfc-editor.org/rfc/rfc3339"
)

// Checks of package attachment that rules make findings of, too.
var (
	referenceInEvent   = attachment.ReferenceInEvent
	referenceMisplaced = attachment.ReferenceMisplaced
)
