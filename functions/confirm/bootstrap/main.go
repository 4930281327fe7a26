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
	key := a.Secret(context.Background(), "DIGEST_KEY_SECRET")
	services, out := a.VPC(key), ports{queue: a.Sender("CONFIRM_QUEUE_URL"), outcomes: a.Outcomes(), metrics: a.Metrics}
	service, err := services.Default()
	a.Check("VPC_ENDPOINT", err)
	handler, err := confirm.New(confirm.Config{
		Service:    service,
		Profile:    func(ctx context.Context, name string) (confirm.Service, error) { return services.Profile(ctx, name) },
		Ledger:     a.Ledger(),
		Again:      out.again,
		Visibility: a.Consumer("CONFIRM_QUEUE_URL").ChangeVisibility,
		Report:     out.report,
		Publish:    out.publish,
		DigestKey:  key,
		Log:        a.Log,
	})
	a.Check("confirm", err)
	a.Start(handler.Handle)
}
