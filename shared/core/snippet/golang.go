package snippet

import (
	"strconv"
	"strings"

	"vpnattach/shared/core/request"
)

const goHead = `// Sends one ModifyVpnAttachmentAttribute request with Alibaba Cloud's client:
//
//	go get github.com/alibabacloud-go/darabonba-openapi/v2
package main

import (
%s	"fmt"
	"log"
	"os"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"
)

func main() {
	client, err := openapi.NewClient(&models.Config{
		AccessKeyId:     dara.String(os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_ID")),
		AccessKeySecret: dara.String(os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")),
		SecurityToken:   dara.String(os.Getenv("ALIBABA_CLOUD_SECURITY_TOKEN")),
`

const goTail = `
	answer, err := client.CallApi(&models.Params{
		Action:      dara.String("` + request.ModifyAction + `"),
		Version:     dara.String("` + request.APIVersion + `"),
		Protocol:    dara.String("HTTPS"),
		Pathname:    dara.String("/"),
		Method:      dara.String("POST"),
		AuthType:    dara.String("AK"),
		Style:       dara.String("RPC"),
		ReqBodyType: dara.String("formData"),
		BodyType:    dara.String("json"),
	}, &models.OpenApiRequest{Query: query, Body: body}, &dara.RuntimeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	// The answer as a whole holds the pre-shared key.
	fmt.Println("accepted:", answer["body"].(map[string]any)["RequestId"])
}
`

// Go appends the request as a Go program of the official generic client, which the
// generated ones call too.
func Go(dst []byte, in Input) []byte {
	in = in.withVariables()
	if note := in.appendNote(nil, "//"); len(note) > 0 {
		dst = append(append(dst, note...), '\n') // apart from the package's documentation
	}
	encoding, variables := "", []byte(nil)
	for i := range in.variables {
		v := &in.variables[i]
		name := lowerCamel(v.name)
		variables = append(variables, "\t"+name+" := os.Getenv(\""+v.name+"\")\n\tif "+name+" == \"\" {\n\t\tlog.Fatal(\""+v.name+" is not set\")\n\t}\n"...)
		if in.inJSON(v) {
			encoding = "\t\"encoding/json\"\n"
			variables = append(variables, "\t"+name+"JSON, err := json.Marshal("+name+")\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n"...)
		}
	}
	dst = append(dst, strings.Replace(goHead, "%s", encoding, 1)...)
	dst = appendGoField(dst, "Endpoint:       ", in.Request.Host)
	if in.Request.Scheme == "http" {
		dst = appendGoField(dst, "Protocol:       ", "http")
	}
	dst = append(dst, "\t})\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\n"...)
	dst = append(dst, variables...)
	dst = append(dst, "\tquery, body := map[string]*string{}, map[string]any{}\n"...)
	for _, p := range in.parameters() {
		dst = append(dst, "\t"+p.In+"["...)
		dst = appendString(dst, p.Name)
		if p.In == "body" {
			dst = in.appendGo(append(dst, "] = "...), p.Value)
		} else {
			dst = append(in.appendGo(append(dst, "] = dara.String("...), p.Value), ')')
		}
		dst = append(dst, '\n')
	}
	return append(dst, goTail...)
}

func appendGoField(dst []byte, key, value string) []byte {
	dst = append(dst, "\t\t"+key+" dara.String("...)
	return append(appendGo(dst, value), "),\n"...)
}

// appendGo appends a Go expression of a value.
func (in *Input) appendGo(dst []byte, s string) []byte {
	for i, p := range in.split(s) {
		if i > 0 {
			dst = append(dst, " + "...)
		}
		switch {
		case p.variable == nil:
			dst = appendGo(dst, p.text)
		case p.json:
			dst = append(dst, "string("+lowerCamel(p.variable.name)+"JSON)"...)
		default:
			dst = append(dst, lowerCamel(p.variable.name)...)
		}
	}
	if s == "" {
		return appendGo(dst, "")
	}
	return dst
}

// lowerCamel writes VPN_PSK_TUNNEL_1 as vpnPskTunnel1.
func lowerCamel(name string) string {
	words := strings.Split(strings.ToLower(name), "_")
	for i := 1; i < len(words); i++ {
		words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
	}
	return strings.Join(words, "")
}

// appendGo appends a Go string literal: JSON text in back quotes, where it is legible.
func appendGo(dst []byte, s string) []byte {
	invisible := func(r rune) bool { return !strconv.IsPrint(r) }
	if !strings.Contains(s, `"`) || !strconv.CanBackquote(s) || strings.ContainsFunc(s, invisible) {
		return appendString(dst, s)
	}
	return append(append(append(dst, '`'), s...), '`')
}
