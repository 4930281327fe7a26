// Package api is the core as the WebAssembly module offers it: each function takes a
// JSON object and returns one, and what is wrong with the input is said in it. Like
// the core, it reads no clock, no random source, no network and no file.
//
//	out := api.Validate([]byte(`{"change": {"RegionId": "cn-hangzhou", …}}`))
//
// The functions have the names that the module exports.
package api
