// Command bootstrap is confirm as a Lambda function.
package main

import (
	"context"
	"os"

	"vpnattach/functions/confirm"
	"vpnattach/shared/aws"
)

func main() {
	a := aws.Open(os.Getenv, os.Stdout)
	services, out := a.VPC(), ports{queue: a.Sender("CONFIRM_QUEUE_URL"), outcomes: a.Outcomes(), metrics: a.Metrics}
	service, err := services.Default()
	a.Check("VPC_ENDPOINT", err)
	handler, err := confirm.New(confirm.Config{
		Service:   service,
		Profile:   func(ctx context.Context, name string) (confirm.Describer, error) { return services.Profile(ctx, name) },
		Ledger:    a.Ledger(),
		Again:     out.again,
		Publish:   out.publish,
		DigestKey: a.Secret(context.Background(), "DIGEST_KEY_SECRET"),
		Log:       a.Log,
	})
	a.Check("confirm", err)
	a.Start(handler.Handle)
}
