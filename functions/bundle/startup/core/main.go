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

// Invoke implements [lambda.Handler]. The payload is an event.
func (core) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	var out []byte
	err := new(pipeline.Pipeline).Run(payload, &pipeline.Options{Redact: true}, func(r *pipeline.Result) {
		out = append(r.AppendJSON(out, false), '\n')
	})
	return out, err
}
