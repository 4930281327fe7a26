// Package aws is the AWS account that a function runs in, as its environment
// describes it: the services that it calls, its log, its metrics, its invocations.
//
//	a := aws.Open(os.Getenv, os.Stdout)
//	config := confirm.Config{Ledger: a.Ledger(), DigestKey: a.Secret(ctx, "DIGEST_KEY_SECRET"), Log: a.Log}
//	a.Start(handler)
//
// Each method reads the variables that it needs, and Start says all that is wrong
// with them before anything is handled. Region and credentials are those that Lambda
// puts into the environment; the SDK's own search for them, which starts slower, is
// left out. AWS_ENDPOINT_URL leads all services to another endpoint.
package aws
