// Package lambdatest emulates the Lambda service for the program of a function: it
// starts the program with the environment that Lambda gives it, and hands it invocations
// through the Runtime API, one at a time.
//
//	f := lambdatest.New(lambdatest.Config{Name: "apply", Program: "/tmp/apply/bootstrap", Env: env, Log: file})
//	defer f.Close()
//	answer, err := f.Invoke(ctx, payload)
//
// A process that has died is replaced at the next invocation, as Lambda does with an
// execution environment. For tests and measurements: everything is on loopback.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
package lambdatest
