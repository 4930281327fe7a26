package emulator

import (
	"fmt"
	"net/http"
)

// apiError is an error response.
type apiError struct {
	status  int
	code    string
	message string
}

type errorRow struct {
	status  int
	message string // with one %s when the documented message has one
}

// pageCodes are the error codes of the API page, spelled as there.
var pageCodes = map[string]errorRow{
	"VpnConnection.Configuring":                     {400, "The specified service is configuring."},
	"VpnConnection.FinancialLocked":                 {400, "The specified service is financial locked."},
	"InvalidName":                                   {400, "The name is not valid"},
	"VpnRouteEntry.AlreadyExists":                   {400, "The specified route entry is already exist."},
	"VpnRouteEntry.Conflict":                        {400, "The specified route entry has conflict."},
	"NotSupportVpnConnectionParameter.IpsecPfs":     {400, "The specified vpn connection ipsec Ipsec Pfs is not support."},
	"NotSupportVpnConnectionParameter.IpsecAuthAlg": {400, "The specified vpn connection ipsec Auth Alg is not support."},
	"VpnRouteEntry.BackupRoute":                     {400, "Validate backup route entry failed."},
	"VpnRouteEntry.InvalidWeight":                   {400, "Invalid route entry weight value."},
	"MissingParameter.TunnelCidr":                   {400, "The parameter TunnelCidr is mandatory when BGP is enabled."},
	"OperationUnsupported.EnableBgp":                {400, "Current region does not support enable BGP."},
	"MissingParam.CustomerGatewayAsn":               {400, "Asn of customer gateway is mandatory when BGP is enabled."},
	"IllegalParam.LocalAsn":                         {400, "The specified LocalAsn is invalid."},
	"IllegalParam.BgpConfig":                        {400, "The specified BgpConfig is invalid."},
	"IllegalParam.TunnelCidr":                       {400, "The specified TunnelCidr is invalid."},
	"InvalidLocalBgpIp.Malformed":                   {400, "The specified LocalBgpIp is malformed."},
	"IllegalParam.LocalBgpIp":                       {400, "The specified LocalBgpIp is invalid."},
	"IllegalParam.LocalSubnet":                      {400, `The specified "LocalSubnet" (%s) is invalid.`},
	"IllegalParam.RemoteSubnet":                     {400, `The specified "RemoteSubnet" (%s) is invalid.`},
	"CustomerGateway.ConflictRouteEntry":            {400, "The specified customer gateway has conflict with route entry."},
	"IllegalParam.NetworkType":                      {400, "The specified NetworkType (%s) is invalid."},
	"InvalidTunnelCidr.Malformed":                   {400, "The specified TunnelCidr is malformed."},
	"InvalidVpnGatewayInstanceId.NotFound":          {400, "The specified vpn gateway instance id does not exist."},
	"Resource.QuotaFull":                            {400, "The resources you are operating have reached the upper limit of the quota. Please increase the quota or use other solutions to avoid it according to the VPN operation document."},
	"CreateDbrRoutesQuotaFull.QuotaFull":            {400, "The number of created destination routes exceeds the quota limit."},
	"CreatePbrRoutesQuotaFull.QuotaFull":            {400, "The number of policy routes exceeds the quota limit."},
	"Forbbiden.SubUser":                             {403, "User not authorized to operate on the specified resource as your account is created by another user."},
	"Forbidden":                                     {403, "User not authorized to operate on the specified resource."},
	"InvalidVpnConnectionInstanceId.NotFound":       {404, "The specified vpn connection instance id does not exist."},
}

// commonCodes are the codes that every RPC API of the service shares, the busy
// codes that its clients know, and those of the operations around Modify.
var commonCodes = map[string]errorRow{
	"Appliance.Configuring":                      {400, "The specified appliance is configuring."},
	"VpnGateway.Configuring":                     {400, "The specified service is configuring."},
	"VpnTask.CONFLICT":                           {400, "Vpn task has conflict."},
	"IdempotentParameterMismatch":                {400, "The request uses the same client token as a previous, but non-identical request."},
	"UnsupportedParameter":                       {400, "The parameter %s is not supported by this IPsec-VPN connection."},
	"IllegalParam.HealthCheckConfig":             {400, "The specified HealthCheckConfig is invalid."},
	"InvalidParameter":                           {400, "The request is not valid: %s."},
	"DryRunOperation":                            {400, "Request validation has been passed with DryRun flag set."},
	"InvalidCustomerGatewayInstanceId.InUse":     {400, "The specified customer gateway is in use by an IPsec-VPN connection."},
	"VpnConnection.Associated":                   {400, "The specified vpn connection is associated with a transit router."},
	"VpnConnection.InvalidCreateTunnelOptions":   {400, "The specified tunnel options are invalid: a new IPsec-VPN connection has two tunnels."},
	"InvalidRegionId.NotFound":                   {404, "The specified RegionId does not exist."},
	"InvalidCustomerGatewayInstanceId.NotFound":  {404, "The specified customer gateway instance id does not exist."},
	"InvalidResourceId.NotFound":                 {404, "The specified resource is not found in the region."},
	"InvalidApi.NotFound":                        {404, "Specified api is not found, please check your url and method."},
	"UnsupportedHTTPMethod":                      {400, "This http method is not supported."},
	"IncompleteSignature":                        {400, "The request signature does not conform to the service's standards: %s."},
	"SignatureDoesNotMatch":                      {400, "Specified signature is not matched with our calculation. %s"},
	"SignatureNonceUsed":                         {400, "Specified signature nonce was used already."},
	"InvalidTimeStamp.Format":                    {400, "Specified time stamp or date value is not well formatted."},
	"InvalidTimeStamp.Expired":                   {400, "Specified time stamp or date value is expired."},
	"InvalidAccessKeyId.NotFound":                {404, "Specified access key is not found."},
	"InvalidAccessKeyId.Inactive":                {400, "Specified access key is disabled."},
	"MissingSecurityToken":                       {400, "SecurityToken is mandatory for this action."},
	"InvalidSecurityToken.MismatchWithAccessKey": {400, "Specified SecurityToken mismatch with the AccessKey."},
	"Forbidden.RAM":                              {403, "User not authorized to operate on the specified resource, or this API doesn't support RAM."},
	"Throttling":                                 {400, "Request was denied due to request throttling."},
	"Throttling.User":                            {400, "Request was denied due to user flow control."},
	"Throttling.Api":                             {400, "Request was denied due to api flow control."},
	"Rejected.Throttling":                        {400, "Request was denied due to request throttling."},
	"InternalError":                              {500, "The request processing has failed due to some unknown error."},
	"ServiceUnavailable":                         {503, "The request has failed due to a temporary failure of the server."},
}

func rowOf(code string) (errorRow, bool) {
	row, known := pageCodes[code]
	if !known {
		row, known = commonCodes[code]
	}
	return row, known
}

// refuse makes the error of a code of the tables; args fill the message's %s.
func refuse(code string, args ...any) *apiError {
	row, _ := rowOf(code)
	message := row.message
	if len(args) > 0 {
		message = fmt.Sprintf(message, args...)
	}
	return &apiError{row.status, code, message}
}

// missing is the error for a mandatory parameter that is not there.
func missing(name string) *apiError {
	return &apiError{http.StatusBadRequest, "Missing" + name, name + " is mandatory for this action."}
}

// illegal is the error for a parameter whose value is refused, in the page's
// family IllegalParam.X; seen goes into the documented messages that quote it.
func illegal(name, seen string) *apiError {
	switch name {
	case "LocalSubnet", "RemoteSubnet", "NetworkType":
		return refuse("IllegalParam."+name, seen)
	}
	return &apiError{http.StatusBadRequest, "IllegalParam." + name, "The specified " + name + " is invalid."}
}
