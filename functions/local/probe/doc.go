// Package probe finds out what the VPC API does with one attachment of an account:
// whether it shows keys, how it writes its answers, how long a change takes, and what a
// repeated ClientToken does.
//
//	report, err := probe.Run(ctx, force, probe.Config{VPC: vpc.Config{Credentials: keys}, Region: "eu-central-1", ID: "vco-…"})
//
// By default it only calls DescribeVpnConnection. With [Config.Confirm] it changes the
// attachment's name for a moment and puts it back. A [Report] holds no secret, no
// address and no name of the attachment; ids only with [Config.IDs].
package probe
