// Package peers compares this project with the official client of the API. It is a
// module of its own, so that the project itself doesn't depend on that client:
//
//	cd shared/core/pipeline/peers && go test ./...
package peers
