// Command bootstrap is rotate as a Lambda function.
package main

import (
	"context"
	"os"
	"time"

	"vpnattach/functions/rotate"
	"vpnattach/shared/aws"
)

func main() {
	a := aws.Open(os.Getenv, os.Stdout)
	services, out := a.VPC(a.Secret(context.Background(), "DIGEST_KEY_SECRET")), newPorts(a)
	service, err := services.Default()
	a.Check("VPC_ENDPOINT", err)
	handler, err := rotate.New(rotate.Config{
		Service:     service,
		Profile:     func(ctx context.Context, name string) (rotate.Service, error) { return services.Profile(ctx, name) },
		Peer:        a.SiteVPN(),
		Secrets:     out.secrets,
		Store:       a.Ledger(),
		Queue:       out.queue,
		Publish:     out.publish,
		Report:      out.report,
		Plan:        a.OneOf("MODE", "apply", "plan") == "plan",
		OmitMasked:  a.OneOf("MASKED_KEYS", "refuse", "omit") == "omit",
		PeerProfile: a.Peer(),
		ApplyWithin: a.Duration("APPLY_WITHIN", 5*time.Minute, time.Second),
		TestWithin:  a.Duration("TEST_WITHIN", 10*time.Minute, time.Second),
		Lag:         a.Duration("PEER_LAG", time.Minute, time.Millisecond),
		Log:         a.Log,
	})
	a.Check("rotate", err)
	a.Start(handler.Handle)
}
