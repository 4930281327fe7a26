// Package sitevpn is AWS's end of a tunnel: a connection of AWS Site-to-Site VPN, as the
// EC2 API shows and changes it.
//
// What the API returns of a connection holds its keys. They are [secret.Secret] here, and
// nothing else of an answer that could hold one is kept.
package sitevpn
