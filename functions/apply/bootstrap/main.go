// Command bootstrap is apply as a Lambda function.
package main

import (
	"context"
	"os"
	"time"

	"vpnattach/functions/apply"
	"vpnattach/shared/aws"
)

func main() {
	a := aws.Open(os.Getenv, os.Stdout)
	key := a.Secret(context.Background(), "DIGEST_KEY_SECRET")
	services, table, out := a.VPC(key), a.Ledger(), newPorts(a)
	service, err := services.Default()
	a.Check("VPC_ENDPOINT", err)
	handler, err := apply.New(apply.Config{
		Service:    service,
		Profile:    func(ctx context.Context, name string) (apply.Service, error) { return services.Profile(ctx, name) },
		Ledger:     table,
		Confirm:    out.confirm,
		DeadLetter: out.deadLetter,
		Visibility: a.Consumer("CHANGE_QUEUE_URL").ChangeVisibility,
		Resolve:    a.Secrets().Resolve,
		Publish:    a.Outcomes(),
		Fate:       table.RecordFate, Waiting: table.RecordWaiting,
		Report:        out.report,
		Plan:          a.OneOf("MODE", "apply", "plan") == "plan",
		Peer:          a.Peer(),
		OmitMasked:    a.OneOf("MASKED_KEYS", "refuse", "omit") == "omit",
		DigestKey:     key,
		MaxAge:        maxAge,
		ConfirmWithin: a.Duration("CONFIRM_WITHIN", 10*time.Minute, time.Millisecond),
		Log:           a.Log,
	})
	a.Check("apply", err)
	a.Start(handler.Handle)
}
