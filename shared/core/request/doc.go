// Package request turns a validated change into the signed HTTP request of the
// VPC API (version 2016-04-28).
//
//	var b request.Builder
//	r, err := b.Modify(change, request.Options{Credentials: keys, Time: now, Nonce: nonce})
//	r.Method, r.URL(), r.Headers, r.Body // ready to be sent
//
// It is sent as the official clients send it: every scalar parameter in the query,
// in the order of the names; IkeConfig, IpsecConfig, BgpConfig and
// HealthCheckConfig as JSON text; TunnelOptionsSpecification flattened into the
// form body. The request is signed with ACS3-HMAC-SHA256, or with the older
// HMAC-SHA1 signature (V1). Clock and nonce are passed in, so the same input gives
// the same bytes everywhere.
package request
