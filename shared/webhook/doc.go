// Package webhook says who sends webhooks, how each of them signs, and whether a
// request is signed like that.
//
//	senders := webhook.Parse(text)
//	for _, p := range senders.Problems() { … names what can't be used, never a secret … }
//	signed, err := senders.Verify("netbox", header, body, time.Now())
//
// The text is JSON, an object of senders by name. Each has a path of its own,
// /webhooks/NAME, its scheme and its secrets: several while one replaces another.
//
//	{"netbox":  {"secrets": ["…"]},
//	 "partner": {"scheme": "standard", "secrets": ["whsec_…", "whsec_…"]},
//	 "erp":     {"scheme": "hmac", "header": "X-Signature", "timestamp": "X-Timestamp", "secrets": ["…"]},
//	 "/events": "whsec_…"}
//
// Without a scheme the name is the scheme, if there is one of that name, else it is
// Standard Webhooks. A text in place of the object is the sender's one secret.
//
// The text may also be secrets of Standard Webhooks alone, with blanks between them,
// NAME=whsec_… for one whose sender has a name. They count at every path other than
// /webhooks/NAME; beside other senders they are the member "/events".
//
// A new kind of sender is a row in the table of schemes.
package webhook
