// Package ststest stands in for the two Security Token Services that a keyless profile
// needs, for tests: that of AWS, which says who a program is, and that of Alibaba Cloud,
// which gives a temporary key for it.
//
//	aws := ststest.NewAWS("eu-central-1", "vpnattach", "arn:aws:iam::123456789012:role/apply")
//	issuer := httptest.NewServer(aws)
//	aws.Issuer = issuer.URL
//	alibaba := ststest.NewAlibaba(issue)
//	alibaba.Trust(role, aws.Issuer, aws.Subject)
//
// They refuse what the documents of either service refuse, and read requests with their
// own code. AWS: a request without Signature Version 4 for the region, more or less
// than one audience, another algorithm than RS256, more than five minutes, as the
// template's policy has it. Alibaba Cloud: a signed call, a token in the URL, a token
// whose signature no key of the issuer's published set confirms, another issuer,
// audience or subject, a token that is too old or from the future, a policy or a
// session's name of a wrong form.
//
// Nothing here was compared with the services themselves. The order in which they check,
// and the codes for what their documents do not name, are this package's own.
package ststest
