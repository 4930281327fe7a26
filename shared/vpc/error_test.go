package vpc_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// answering is a handler with one answer.
func answering(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// classes say for every code of the table which class it must have, and for some
// codes that patterns and statuses have to catch.
var classes = map[outcome.Class]string{
	outcome.ClassBusy: "VpnConnection.Configuring Appliance.Configuring VpnGateway.Configuring VpnTask.CONFLICT TaskConflict " +
		"VpnTaskConflict OperationConflict OperationConflict.VpnConnection IncorrectStatus IncorrectStatus.VpnGateway LastTokenProcessing " +
		"OperationFailed.LastTokenProcessing SystemBusy",
	outcome.ClassThrottled: "Throttling Throttling.User Throttling.Api Rejected.Throttling " +
		"Throttling.Resource Some.ThrottlingOfApi InvalidThrottling",
	outcome.ClassTransient: "InternalError ServiceUnavailable UnknownError",
	outcome.ClassBlocked: "VpnConnection.FinancialLocked Resource.QuotaFull CreateDbrRoutesQuotaFull.QuotaFull CreatePbrRoutesQuotaFull.QuotaFull " +
		"Forbbiden.SubUser Forbidden Forbidden.RAM InvalidAccessKeyId.NotFound InvalidAccessKeyId.Inactive MissingSecurityToken " +
		"SignatureDoesNotMatch IncompleteSignature InvalidTimeStamp.Format InvalidTimeStamp.Expired InvalidApi.NotFound UnsupportedHTTPMethod " +
		"QuotaExceeded QuotaExceeded.VpnRoute VpnRouteQuotaExceeded InvalidParameter.QuotaFull InvalidAccountStatus.NotEnoughBalance " +
		"InvalidAccountStatus MissingAccessKeyId Forbidden.Other InvalidAccessKeyId InvalidSecurityToken.Expired InvalidSecurityToken.MismatchWithAccessKey",
	outcome.ClassRejected: "InvalidName VpnRouteEntry.AlreadyExists VpnRouteEntry.Conflict NotSupportVpnConnectionParameter.IpsecPfs " +
		"NotSupportVpnConnectionParameter.IpsecAuthAlg VpnRouteEntry.BackupRoute VpnRouteEntry.InvalidWeight MissingParameter.TunnelCidr " +
		"OperationUnsupported.EnableBgp MissingParam.CustomerGatewayAsn IllegalParam.LocalAsn IllegalParam.BgpConfig IllegalParam.TunnelCidr " +
		"InvalidLocalBgpIp.Malformed IllegalParam.LocalBgpIp IllegalParam.LocalSubnet IllegalParam.RemoteSubnet CustomerGateway.ConflictRouteEntry " +
		"IllegalParam.NetworkType InvalidTunnelCidr.Malformed InvalidVpnGatewayInstanceId.NotFound InvalidVpnConnectionInstanceId.NotFound " +
		"UnsupportedParameter MissingParameter InvalidParameter InvalidRegionId.NotFound " +
		"MissingVpnConnectionId InvalidOther.Thing IllegalParam.HealthCheckConfig throttling Entirely.New " +
		"InvalidCidrBlock.Conflict RouteConflict VpnConnection.InvalidCreateTunnelOptions",
	outcome.ClassNonceUsed:     "SignatureNonceUsed",
	outcome.ClassTokenMismatch: "IdempotentParameterMismatch",
}

func TestCodes(t *testing.T) {
	t.Parallel()
	tested := map[string]bool{}
	for want, codes := range classes {
		for code := range strings.FieldsSeq(codes) {
			tested[code] = true
			body := fmt.Sprintf(`{"RequestId":"R-1","HostId":"h","Code":%q,"Message":"As it is."}`, code)
			client := mustNew(t, serve(t, answering(http.StatusBadRequest, "application/json", body)))
			_, err := client.Describe(t.Context(), "cn-hangzhou", "vco-1")
			got := mustBeError(t, err)
			if got.Class != want || got.Code != code || got.Message != "As it is." || got.RequestID != "R-1" || got.Remedy == "" {
				t.Errorf("%s: got %v, %+v, want %v", code, got.Class, got, want)
			}
		}
	}
	seen := map[string]bool{}
	for _, code := range vpc.Codes() {
		if seen[code.Name] {
			t.Errorf("%s: twice", code.Name)
		}
		seen[code.Name] = true
		if !tested[code.Name] && !strings.ContainsAny(code.Name, "* ") {
			t.Errorf("%s: no class is tested", code.Name)
		}
		if code.Class.Handling() == (outcome.Handling{}) || code.Source == "" || !strings.HasSuffix(code.Meaning, ".") || !strings.HasSuffix(code.Remedy, ".") {
			t.Errorf("%s: incomplete: %+v", code.Name, code)
		}
	}
	vpc.Codes()[0].Name = "changed"
	if vpc.Codes()[0].Name == "changed" {
		t.Error("the table can be changed from outside")
	}
}

func TestShapes(t *testing.T) {
	t.Parallel()
	const html, json, xml = "text/html", "application/json;charset=utf-8", "text/xml;charset=utf-8"
	type shape struct {
		class                    outcome.Class
		code, message, requestID string
	}
	for _, tt := range []struct {
		name        string
		status      int
		contentType string
		body        string
		want        shape
	}{
		{"JSON", 400, json, `{"RequestId":"R-1","HostId":"h","Code":"InvalidName","Message":"The name.","Recommend":"x","AccessDeniedDetail":{"Code":"no"}}`,
			shape{outcome.ClassRejected, "InvalidName", "The name.", "R-1"}},
		{"lower-case JSON", 400, json, `{"requestId":"R-1","code":"InvalidName","message":"The name."}`,
			shape{outcome.ClassRejected, "InvalidName", "The name.", "R-1"}},
		{"XML", 400, xml, `<?xml version="1.0" encoding="UTF-8"?><Error><RequestId>R-1</RequestId><HostId>h</HostId><Code>InvalidName</Code><Message>The &quot;name&quot;.</Message></Error>`,
			shape{outcome.ClassRejected, "InvalidName", `The "name".`, "R-1"}},
		{"XML by another name", 503, "application/xml", "\n<Error>\n<Code> Throttling </Code><Message> Slow. </Message></Error>",
			shape{outcome.ClassThrottled, "Throttling", "Slow.", ""}},
		{"XML that is broken", 400, xml, `<Error><Code>InvalidName`, shape{outcome.ClassBlocked, "", "The answer is not one of the VPC API, whose errors have a code.", ""}},
		{"HTML 502", 502, html, "<html><h1>Bad Gateway</h1></html>", shape{outcome.ClassTransient, "", "The service, or a proxy in between, failed.", ""}},
		{"empty 504", 504, "", "", shape{outcome.ClassTransient, "", "The service, or a proxy in between, failed.", ""}},
		{"empty 404", 404, "", "", shape{outcome.ClassBlocked, "", "The answer is not one of the VPC API, whose errors have a code.", ""}},
		{"empty 403", 403, "", "", shape{outcome.ClassBlocked, "", "The call is not allowed.", ""}},
		{"HTML 429", 429, html, "<html>", shape{outcome.ClassThrottled, "", "Too many calls.", ""}},
		{"empty 413", 413, "", "", shape{outcome.ClassRejected, "", "The request is too large.", ""}},
		{"HTML 414", 414, html, "<html>", shape{outcome.ClassRejected, "", "The request is too large.", ""}},
		{"text 431", 431, "text/plain", "431 Request Header Fields Too Large", shape{outcome.ClassRejected, "", "The request is too large.", ""}},
		{"HTML 408", 408, html, "<html>", shape{outcome.ClassTransient, "", "The request timed out.", ""}},
		{"no object", 500, json, `"Code"`, shape{outcome.ClassTransient, "", "The service, or a proxy in between, failed.", ""}},
		{"array", 400, json, `[{"Code":"InvalidName"}]`, shape{outcome.ClassBlocked, "", "The answer is not one of the VPC API, whose errors have a code.", ""}},
		{"code is a number", 503, json, `{"code":503,"message":"Down."}`, shape{outcome.ClassTransient, "503", "Down.", ""}},
		{"code with characters that codes don't have", 500, json, `{"Code":"a b\nc","Message":"Odd."}`, shape{outcome.ClassTransient, "", "Odd.", ""}},
		{"unknown code", 500, json, `{"Code":"Entirely.New","Message":"New."}`, shape{outcome.ClassTransient, "Entirely.New", "New.", ""}},
		{"unknown code 403", 403, json, `{"Code":"NoPermission","Message":"No."}`, shape{outcome.ClassBlocked, "NoPermission", "No.", ""}},
		{"failure in the message", 400, json, `{"Code":"Entirely.New","Message":"code: 504, gateway timeout"}`, shape{outcome.ClassTransient, "Entirely.New", "code: 504, gateway timeout", ""}},
		{"status beyond HTTP's", 777, json, `{"Code":"Entirely.New","Message":"New."}`, shape{outcome.ClassTransient, "Entirely.New", "New.", ""}},
		{"success with a code", 200, json, `{"RequestId":"R-1","Code":"VpnConnection.Configuring","Message":"Busy."}`,
			shape{outcome.ClassBusy, "VpnConnection.Configuring", "Busy.", "R-1"}},
		{"success with an unknown code", 200, json, `{"Code":"Entirely.New"}`,
			shape{outcome.ClassTransient, "Entirely.New", "The answer reports success, but is not one of the VPC API.", ""}},
		{"success without JSON", 200, html, "<html>sign in</html>", shape{outcome.ClassTransient, "", "the answer is not JSON", ""}},
		{"success without an answer", 200, json, "{}", shape{outcome.ClassTransient, "", "the answer does not match this request", ""}},
		{"success of another", 200, json, `{"RequestId":"R-1","VpnConnectionId":"vco-other"}`, shape{outcome.ClassTransient, "", "the answer does not match this request", ""}},
		{"control characters", 400, json, `{"Code":"InvalidName","Message":"a\r\nb\u0000"}`, shape{outcome.ClassRejected, "InvalidName", "a  b", ""}},
		{"too long a message", 400, json, `{"Code":"InvalidName","Message":"` + strings.Repeat("é", 300) + `"}`,
			shape{outcome.ClassRejected, "InvalidName", strings.Repeat("é", 200) + "…", ""}},
		{"too long", 400, json, `{"Code":"InvalidName","Message":"` + strings.Repeat(" ", 1<<20) + `"}`,
			shape{outcome.ClassBlocked, "", "The answer is not one of the VPC API, whose errors have a code.", ""}},
		{"too long for a success", 200, json, `{"RequestId":"R-1","Rest":"` + strings.Repeat(" ", 1<<20) + `"}`,
			shape{outcome.ClassTransient, "", "the answer is not JSON", ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := mustNew(t, serve(t, answering(tt.status, tt.contentType, tt.body)))
			_, err := client.Modify(t.Context(), mustParse(t, singleChange), ids)
			e := mustBeError(t, err)
			if got := (shape{e.Class, e.Code, e.Message, e.RequestID}); got != tt.want || e.Status != tt.status {
				t.Errorf("got %v %+v (%d), want %+v (%d)", got.class, got, e.Status, tt.want, tt.status)
			}
		})
	}
}

func TestUnexpectedDescribe(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "<html></html>", "{", `{"RequestId":"R-1"}`, `{"RequestId":"R-1","VpnConnectionId":"vco-other"}`} {
		client := mustNew(t, serve(t, answering(http.StatusOK, "application/json", body)))
		current, err := client.Describe(t.Context(), "cn-hangzhou", "vco-1")
		if outcome.ClassOf(err) != outcome.ClassTransient || current != nil {
			t.Errorf("%s: got %v, %v, want a transient error", body, current, err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const throttled = `{"Code":"Throttling.User","Message":"Slow."}`
	for _, tt := range []struct {
		api, user, body string
		want            time.Duration
	}{
		{"Limit:1,Remain:0,TimeLeft:2000,Reset:1234", "", throttled, 2 * time.Second},
		{"", "Limit:1,Remain:0,TimeLeft:10,Reset:1234", throttled, 10 * time.Millisecond},
		{"TimeLeft:2000", "Limit:1, TimeLeft: 3000", throttled, 3 * time.Second},
		{"TimeLeft:-1", "TimeLeft", throttled, 0},
		{"TimeLeft:99999999999999999999", "nonsense", throttled, 0},
		{"TimeLeft:9223372036854775807", "", throttled, time.Hour},
		{"TimeLeft:2000", "", `{"Code":"InvalidName"}`, 0},
	} {
		client := mustNew(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("x-ratelimit-user-api", tt.api)
			w.Header().Set("x-ratelimit-user", tt.user)
			answering(http.StatusBadRequest, "application/json", tt.body)(w, r)
		})))
		_, err := client.Describe(t.Context(), "cn-hangzhou", "vco-1")
		if got := mustBeError(t, err).RetryAfter; got != tt.want {
			t.Errorf("%q, %q: got %v, want %v", tt.api, tt.user, got, tt.want)
		}
	}
}

func TestClassOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want outcome.Class
	}{
		{nil, ""},
		{context.DeadlineExceeded, "transient"},
		{&net.OpError{Op: "dial", Err: errors.New("refused")}, "transient"},
		{fmt.Errorf("apply: %w", &vpc.Error{Class: outcome.ClassBusy}), "busy"},
		{&vpc.Error{Class: outcome.ClassNonceUsed}, "nonce-used"},
		{&vpc.Error{Class: outcome.ClassTokenMismatch}, "token-mismatch"},
	} {
		if got := outcome.ClassOf(tt.err); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.err, got, tt.want)
		}
	}
}

// echo is what a server may send back of a request.
func echo(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	return r.URL.RawQuery + "&" + string(body) + " " + r.Header.Get("Authorization")
}

// plain is echo without any encoding.
func plain(r *http.Request) string {
	text, _ := url.QueryUnescape(echo(r))
	return text
}

// dropping ends the connection after those bytes.
func dropping(first func(*http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text := first(r)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, text)
		_ = conn.Close()
	}
}

func quoting(text func(*http.Request) string, asXML bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		fault := struct {
			XMLName                  xml.Name `xml:"Error" json:"-"`
			Code, Message, RequestId string
		}{Code: "SignatureDoesNotMatch", Message: text(r)}
		fault.RequestId = fault.Message
		marshal := json.Marshal
		if asXML {
			marshal = xml.Marshal
		}
		body, err := marshal(fault)
		if err != nil {
			panic(err)
		}
		answering(http.StatusBadRequest, "", string(body))(w, r)
	}
}

// A code or an id may hold a key of letters and digits; a short one can be part of
// a real code by chance.
func TestKeyInCode(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ key, code, want string }{
		{"PlainKey123", "Invalid.PlainKey123", ""},
		{"Name", "InvalidName", "InvalidName"},
	} {
		body := fmt.Sprintf(`{"Code":%q,"Message":"No.","RequestId":%[1]q}`, tt.code)
		client := mustNew(t, serve(t, answering(http.StatusBadRequest, "application/json", body)))
		change := mustParse(t, `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","IkeConfig":{"Psk":"`+tt.key+`"}}`)
		_, err := client.Modify(t.Context(), change, ids)
		if got := mustBeError(t, err); got.Code != tt.want || got.RequestID != tt.want {
			t.Errorf("%s: got %q, %q, want %q", tt.code, got.Code, got.RequestID, tt.want)
		}
	}
}

// TestNoLeak provokes every kind of error with servers that send back what they
// were sent, and looks for the secrets in what the errors print.
func TestNoLeak(t *testing.T) {
	t.Parallel()
	const token = "sts-t0ken/with+signs"
	twice := func(r *http.Request) string { return "server string to sign is:POST&%2F&" + url.QueryEscape(echo(r)) }
	onlyKey := func(*http.Request) string { return "the key " + psk + " or " + pskTwo + " is not good" }
	short := func(*http.Request) string { return `IkeConfig {"Psk":"` + psk[:len(psk)-2] }
	endpoints := map[string]string{
		"refused":          "http://127.0.0.1:1", // no server listens there
		"reset":            serve(t, dropping(func(*http.Request) string { return "" })),
		"no HTTP":          serve(t, dropping(func(r *http.Request) string { return plain(r) + "\r\n\r\n" })),
		"no HTTP, encoded": serve(t, dropping(func(r *http.Request) string { return echo(r) + "\r\n\r\n" })),
		"bad header":       serve(t, dropping(func(r *http.Request) string { return "HTTP/1.1 200 OK\r\n" + plain(r) + "\r\n\r\n" })),
		"bad length":       serve(t, dropping(func(*http.Request) string { return "HTTP/1.1 200 OK\r\nContent-Length: " + psk + "\r\n\r\n" })),
		"cut short":        serve(t, dropping(func(r *http.Request) string { return "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + plain(r) })),
		"redirect": serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://%zz"+plain(r), http.StatusFound)
		})),
		"echo":                serve(t, quoting(echo, false)),
		"echo, plain":         serve(t, quoting(plain, false)),
		"echo, XML":           serve(t, quoting(plain, true)),
		"string to sign":      serve(t, quoting(twice, false)),
		"string to sign, XML": serve(t, quoting(twice, true)),
		"key in a sentence":   serve(t, quoting(onlyKey, false)),
		"key cut short":       serve(t, quoting(short, false)),
		"page": serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answering(http.StatusBadGateway, "text/html", "<html>"+plain(r))(w, r)
		})),
		"success": serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answering(http.StatusOK, "text/html", plain(r))(w, r)
		})),
	}
	var hidden []string
	for _, value := range []string{psk, pskTwo, keySecret, token, psk[:len(psk)-2]} {
		quoted, _ := json.Marshal(value)
		inJSON := strings.Trim(string(quoted), `"`)
		for _, form := range []string{value, inJSON} {
			hidden = append(hidden, form, url.QueryEscape(form), url.QueryEscape(url.QueryEscape(form)))
		}
	}
	hidden = append(hidden, "ClientToken=", "ClientToken%3D", "RegionId=", "Signature=")
	for name, endpoint := range endpoints {
		for _, signature := range []request.Signature{request.V3, request.V1} {
			for _, document := range []string{singleChange, dualChange} {
				client := mustNew(t, endpoint, func(c *vpc.Config) {
					c.Signature = signature
					c.Credentials = func(context.Context) (request.Credentials, error) {
						return request.Credentials{AccessKeyID: keyID, AccessKeySecret: secret.New(keySecret), SecurityToken: secret.New(token)}, nil
					}
				})
				answer, err := client.Modify(t.Context(), mustParse(t, document), ids)
				if err == nil {
					t.Fatalf("%s: no error", name)
				}
				e := mustBeError(t, err)
				text := fmt.Sprintf("%v %+v %#v %+v %+v", err, err, e, *e, answer)
				for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
					text += fmt.Sprintf(" %v %#v", inner, inner)
				}
				for _, value := range hidden {
					if strings.Contains(text, value) {
						t.Errorf("%s, V%d: the error holds %q", name, 3-2*signature, "a secret")
						break
					}
				}
			}
		}
	}
}
