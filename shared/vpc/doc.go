// Package vpc is the client for the operations that applying a change needs:
// DescribeVpnConnection, ModifyVpnAttachmentAttribute, and DiagnoseVpnConnections, which
// says why a tunnel is down.
//
//	client, err := vpc.New(vpc.Config{Credentials: keys})
//	current, err := client.Describe(ctx, "eu-central-1", "vco-p0w5112fgnl2ihlmf0000")
//	send, differs := attachment.Merge(change, current)
//	answer, err := client.Modify(ctx, &send, eventIDs)
//	switch outcome.ClassOf(err) {
//	case outcome.ClassTransient: // it may have been made or not: Describe decides
//	}
//
// Every failure is an [*Error] with an [outcome.Class], which says what to do with the
// change, and a remedy. Both come from one table, [Codes]. The
// client itself repeats a request for one reason only: a nonce that was used. Where the
// service throttles calls or fails, it makes no call of Describe for a while.
//
// Requests and answers hold pre-shared keys. No error text does: it never holds a
// URL or a body, and a message of the service is shown only while it reads like a
// sentence and holds no secret of the request. What Modify answers is not kept.
package vpc
