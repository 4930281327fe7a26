// Command core is a function with the whole core and no AWS SDK: an event in, the
// requests that it asks for out.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"vpnattach/shared/core/pipeline"
)

func main() { lambda.Start(core{}) }

type core struct{}

// Invoke implements [lambda.Handler]. The payload is what [pipeline.RunJSON] takes.
func (core) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	return pipeline.RunJSON(payload), nil
}
