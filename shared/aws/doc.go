// Package aws is the AWS account that a function runs in, as its environment
// describes it: the services that it calls, its log, its metrics, its invocations.
//
//	a := aws.Open(os.Getenv, os.Stdout)
//	config := confirm.Config{Ledger: a.Ledger(), DigestKey: a.Secret(ctx, "DIGEST_KEY_SECRET"), Log: a.Log}
//	a.Start(handler)
//
// Each method reads the variables that it needs, and Start reports all problems with
// them before the first invocation. Region and credentials are those that Lambda
// puts into the environment; the SDK's own search for them, which starts slower, is
// left out. AWS_ENDPOINT_URL sets another endpoint for all services.
package aws
