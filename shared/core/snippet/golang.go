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
	"fmt"
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
	if note := in.appendNote(nil, "//"); len(note) > 0 {
		dst = append(append(dst, note...), '\n') // apart from the package's documentation
	}
	dst = append(dst, goHead...)
	dst = appendGoField(dst, "Endpoint:       ", in.Request.Host)
	if in.Request.Scheme == "http" {
		dst = appendGoField(dst, "Protocol:       ", "http")
	}
	dst = append(dst, "\t})\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\n"...)
	dst = append(dst, "\tquery, body := map[string]*string{}, map[string]any{}\n"...)
	for _, p := range in.parameters() {
		dst = append(dst, "\t"+p.In+"["...)
		dst = appendString(dst, p.Name)
		if p.In == "body" {
			dst = appendGo(append(dst, "] = "...), p.Value)
		} else {
			dst = append(appendGo(append(dst, "] = dara.String("...), p.Value), ')')
		}
		dst = append(dst, '\n')
	}
	return append(dst, goTail...)
}

func appendGoField(dst []byte, key, value string) []byte {
	dst = append(dst, "\t\t"+key+" dara.String("...)
	return append(appendGo(dst, value), "),\n"...)
}

// appendGo appends a Go string literal: JSON text in back quotes, where it is legible.
func appendGo(dst []byte, s string) []byte {
	invisible := func(r rune) bool { return !strconv.IsPrint(r) }
	if !strings.Contains(s, `"`) || !strconv.CanBackquote(s) || strings.ContainsFunc(s, invisible) {
		return appendString(dst, s)
	}
	return append(append(append(dst, '`'), s...), '`')
}
