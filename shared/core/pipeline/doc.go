// Package pipeline is the whole core as one call: the bytes of an event go in, and
// for each change that the event asks for its findings and its signed request come
// out.
//
//	var p pipeline.Pipeline
//	err := p.Run(body, &pipeline.Options{Rules: set, Time: now, Nonce: nonce}, func(r *pipeline.Result) {
//		if r.Request != nil {
//			send(r.Request)
//		}
//	})
//
// The way of the data is that of the packages: event.Open, rules.Apply,
// attachment.Validate and Merge, request.Builder. Nothing here reads a clock, a
// random source, the network or a file. Package wasm/api is the same with JSON on both
// sides, as the browser and the golden tests call it.
package pipeline
