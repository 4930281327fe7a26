package snippet

import (
	"bytes"
	"strings"

	"vpnattach/shared/core/attachment"
)

const pythonHead = `# Sends one ModifyVpnAttachmentAttribute request with Alibaba Cloud's client:
#
#     pip install alibabacloud_vpc20160428
%simport os

from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models
from alibabacloud_vpc20160428.client import Client

client = Client(Config(
    access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
    access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
    security_token=os.environ.get("ALIBABA_CLOUD_SECURITY_TOKEN"),
`

const pythonTail = `answer = client.modify_vpn_attachment_attribute(request)
print("accepted:", answer.body.request_id)  # the whole of it holds the pre-shared key
`

// Python appends the request as a Python program of the official client.
func Python(dst []byte, in Input) []byte {
	in = in.withVariables()
	encoding, exit := "", ""
	for i := range in.variables {
		exit = "import os\nimport sys\n"
		if in.inJSON(&in.variables[i]) {
			encoding = "import json\n"
		}
	}
	head := strings.Replace(pythonHead, "%s", encoding, 1)
	if exit != "" {
		head = strings.Replace(head, "import os\n", exit, 1)
	}
	dst = append(in.appendNote(dst, "#"), head...)
	dst = python.entry(dst, &in, 1, "endpoint", in.Request.Host)
	if in.Request.Scheme == "http" {
		dst = python.entry(dst, &in, 1, "protocol", "http")
	}
	dst = append(dst, "))\n"...)
	for i := range in.variables {
		v := &in.variables[i]
		dst = append(dst, strings.ToLower(v.name)+` = os.environ["`+v.name+`"] or sys.exit("`+v.name+` is empty")`+"\n"...)
	}
	return append(python.request(dst, &in), pythonTail...)
}

const typeScriptHead = `// Sends one ModifyVpnAttachmentAttribute request with Alibaba Cloud's client:
//
//     npm install @alicloud/vpc20160428 @alicloud/openapi-core
import { $OpenApiUtil } from '@alicloud/openapi-core';
import Client, * as models from '@alicloud/vpc20160428';

const client = new Client(new $OpenApiUtil.Config({
  accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
  securityToken: process.env.ALIBABA_CLOUD_SECURITY_TOKEN,
`

const typeScriptTail = `client.modifyVpnAttachmentAttribute(request).then(
  (answer) => console.log('accepted:', answer.body?.requestId), // the whole of it holds the pre-shared key
  (error) => { console.error(error.message); process.exitCode = 1; },
);
`

// TypeScript appends the request as a TypeScript program of the official client, for
// a CommonJS module (the client is one) or a bundler.
func TypeScript(dst []byte, in Input) []byte {
	in = in.withVariables()
	dst = append(in.appendNote(dst, "//"), typeScriptHead...)
	dst = typeScript.entry(dst, &in, 1, "endpoint", in.Request.Host)
	if in.Request.Scheme == "http" {
		dst = typeScript.entry(dst, &in, 1, "protocol", "http")
	}
	dst = append(dst, "}));\n"...)
	for i := range in.variables {
		v := &in.variables[i]
		dst = append(dst, "const "+lowerCamel(v.name)+" = process.env."+v.name+" ?? '';\nif (!"+lowerCamel(v.name)+") throw new Error('"+v.name+" is not set');\n"...)
	}
	return append(typeScript.request(dst, &in), typeScriptTail...)
}

// dialect is how a language builds the request models that the generated clients
// have, which differ in nothing else.
type dialect struct {
	assign      string // begins the statement
	construct   string // before the name of a model
	open, close string // around its fields
	is          string // between a field and its value
	end         string // of the statement
	indent      string
	variable    func(name string) string // of a program
	json        string                   // the function that writes a text as JSON
	comment     string
	name        func(api string) string
	bools       map[string]string
}

var (
	python = dialect{assign: "request = ", construct: "models.", open: "(", close: ")", is: "=", indent: "    ", comment: "#",
		variable: strings.ToLower, json: "json.dumps", name: snake, bools: map[string]string{"true": "True", "false": "False"}}
	typeScript = dialect{assign: "const request = ", construct: "new models.", open: "({", close: "})", is: ": ", end: ";", indent: "  ", comment: "//",
		variable: lowerCamel, json: "JSON.stringify", name: lowerFirst, bools: map[string]string{"true": "true", "false": "false"}}
)

func lowerFirst(name string) string { return strings.ToLower(name[:1]) + name[1:] }

// request appends the statement that makes the request.
func (d *dialect) request(dst []byte, in *Input) []byte {
	const model = "ModifyVpnAttachmentAttributeRequest"
	dst = append(dst, d.assign+d.construct+model+d.open+"\n"...)
	for _, p := range in.parameters() {
		if p.In == "query" {
			row, _ := attachment.Lookup(p.Name)
			dst = d.field(dst, in, 1, &row, p.Value)
		}
	}
	if tunnels := in.Change.Tunnels(); len(tunnels) > 0 {
		dst = append(dst, d.indent+d.name(attachment.TunnelsName)+d.is+"[\n"...)
		for n := range tunnels {
			dst = append(d.tunnel(dst, in, model+attachment.TunnelsName, &tunnels[n]), ",\n"...)
		}
		dst = append(dst, d.indent+"],\n"...)
	}
	return append(dst, d.close+d.end+"\n"...)
}

func (d *dialect) tunnel(dst []byte, in *Input, model string, t *attachment.Tunnel) []byte {
	dst = d.pad(dst, 2)
	dst = append(dst, d.construct+model+d.open+"\n"...)
	for p, text := range fields(&attachment.TunnelSections[attachment.SectionTop], t.Section(attachment.SectionTop)) {
		if p.Hidden {
			dst = append(d.pad(dst, 3), d.comment+" "+p.Name+" is not a field of this client: "+text+" is not sent.\n"...)
			continue
		}
		dst = d.field(dst, in, 3, p, text)
	}
	for s := attachment.SectionIKE; s < len(attachment.TunnelSections); s++ {
		if !t.Has(s) {
			continue
		}
		section := &attachment.TunnelSections[s]
		dst = d.pad(dst, 3)
		dst = append(dst, d.name(section.Name)+d.is+d.construct+model+section.Name+d.open+"\n"...)
		for p, text := range fields(section, t.Section(s)) {
			dst = d.field(dst, in, 4, p, text)
		}
		dst = append(d.pad(dst, 3), d.close+",\n"...)
	}
	return append(d.pad(dst, 2), d.close...)
}

// field appends one field of a model. The parameter's row says its type; objects are
// JSON text in this API.
func (d *dialect) field(dst []byte, in *Input, depth int, p *attachment.Parameter, text string) []byte {
	if !isTyped(p.Kind) {
		return d.entry(dst, in, depth, d.name(p.Name), text)
	}
	if p.Kind == attachment.Bool {
		text = d.bools[text]
	}
	dst = d.pad(dst, depth)
	return append(dst, d.name(p.Name)+d.is+text+",\n"...)
}

func (d *dialect) entry(dst []byte, in *Input, depth int, name, text string) []byte {
	dst = append(d.pad(dst, depth), name+d.is...)
	for i, p := range in.split(text) {
		if i > 0 {
			dst = append(dst, " + "...)
		}
		switch {
		case p.variable == nil:
			dst = appendCode(dst, p.text)
		case p.json:
			dst = append(dst, d.json+"("+d.variable(p.variable.name)+")"...)
		default:
			dst = append(dst, d.variable(p.variable.name)...)
		}
	}
	if text == "" {
		dst = appendCode(dst, "")
	}
	return append(dst, ",\n"...)
}

func (d *dialect) pad(dst []byte, depth int) []byte {
	return append(dst, bytes.Repeat([]byte(d.indent), depth)...)
}
