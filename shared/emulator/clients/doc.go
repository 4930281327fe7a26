// Package clients lets the official clients of the API drive the emulator as they
// are: darabonba-openapi and alibaba-cloud-sdk-go here, @alicloud/vpc20160428 and
// @alicloud/pop-core in the folder node. All play the same scenario,
// testdata/scenario.json: changes, refusals, and the operations around them. It is a
// module of its own, so that the project itself doesn't depend on those clients:
//
//	(cd node && npm ci) && go test ./...
package clients
