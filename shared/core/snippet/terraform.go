package snippet

import (
	"slices"
	"strings"

	"vpnattach/shared/core/attachment"
)

const terraformHead = `terraform {
  required_providers {
    alicloud = {
      source  = "aliyun/alicloud"
      version = ">= 1.246.0"
    }
  }
}

provider "alicloud" {
`

// Terraform appends the attachment, as far as the change says what it is, as a
// resource of the official provider, with the block that imports it. Comments name
// what the resource needs beside, and what it can't say.
//
// Source: terraform-provider-alicloud, alicloud_vpn_gateway_vpn_attachment; version
// 1.246.0 brought both tunnels.
func Terraform(dst []byte, in Input) []byte {
	dst = append(in.appendNote(dst, "#"), terraformHead...)
	dst = append(dst, "  region = "...)
	dst = appendHCL(dst, in.Change.Text(attachment.RegionID))
	dst = append(dst, "\n}\n\nimport {\n  to = alicloud_vpn_gateway_vpn_attachment.this\n  id = "...)
	dst = appendHCL(dst, in.Change.Text(attachment.VpnConnectionID))
	dst = append(dst, "\n}\n\n"...)
	return in.resource().append(dst, "")
}

// block is a block of HCL.
type block struct {
	header     string
	comments   []string
	attributes []attribute
	blocks     []*block
}

type attribute struct {
	name string
	text string
	kind attachment.Kind
}

func (in *Input) resource() *block {
	c := in.Change
	resource := &block{header: `resource "alicloud_vpn_gateway_vpn_attachment" "this"`}
	resource.fill(in, attachment.ConnectionSections, c.Section, c.Has)
	resource.need("local_subnet", "the one that the attachment has")
	resource.need("remote_subnet", "the one that the attachment has")
	tunnels := c.Tunnels()
	for n := range tunnels {
		t := &tunnels[n]
		tunnel := &block{header: snake(attachment.TunnelsName)}
		tunnel.fill(in, attachment.TunnelSections, t.Section, t.Has)
		tunnel.need("tunnel_index", "1 or 2")
		tunnel.need("customer_gateway_id", "the one that the tunnel has")
		resource.blocks = append(resource.blocks, tunnel)
	}
	if len(tunnels) == 1 {
		resource.comments = append(resource.comments, "The attachment's other tunnel belongs here too: a second tunnel_options_specification.")
	}
	return resource
}

// fill takes the values of the sections: those of the first as attributes, the
// others as blocks.
func (b *block) fill(in *Input, sections []attachment.Section, values func(int) []attachment.Value, has func(int) bool) {
	for s := range sections {
		into := b
		if s > attachment.SectionTop {
			if !has(s) {
				continue
			}
			into = &block{header: snake(sections[s].Name)}
			b.blocks = append(b.blocks, into)
		}
		for p, text := range in.fields(&sections[s], values(s)) {
			if name := argument(p); name != "" {
				into.attributes = append(into.attributes, attribute{name, text, p.Kind})
			} else if !p.Identifier {
				into.comments = append(into.comments, p.Name+" is not an argument of this resource.")
			}
		}
	}
}

// argument returns the provider's name of a parameter, or "" when it has none.
func argument(p *attachment.Parameter) string {
	switch {
	case p.Identifier || p.NoEffect || p.Unseen || p.Hidden || p.Name == "TunnelId":
		return ""
	case p.Name == "Name":
		return "vpn_attachment_name"
	case p.Name == "EnableBgp":
		return "enable"
	}
	return snake(p.Name)
}

// need comments on a required argument that the change does not bring.
func (b *block) need(name, which string) {
	if !slices.ContainsFunc(b.attributes, func(a attribute) bool { return a.name == name }) {
		b.comments = append(b.comments, name+" is required: give "+which+".")
	}
}

// append writes the block as terraform fmt would.
func (b *block) append(dst []byte, indent string) []byte {
	dst = append(dst, indent+b.header+" {\n"...)
	inner := indent + "  "
	for _, comment := range b.comments {
		dst = append(dst, inner+"# "+comment+"\n"...)
	}
	width := 0
	for _, a := range b.attributes {
		width = max(width, len(a.name))
	}
	for _, a := range b.attributes {
		dst = append(dst, inner+a.name+strings.Repeat(" ", width-len(a.name))+" = "...)
		if isTyped(a.kind) {
			dst = append(dst, a.text...)
		} else {
			dst = appendHCL(dst, a.text)
		}
		dst = append(dst, '\n')
	}
	for i, inside := range b.blocks {
		if i > 0 || len(b.attributes)+len(b.comments) > 0 {
			dst = append(dst, '\n')
		}
		dst = inside.append(dst, inner)
	}
	return append(dst, indent+"}\n"...)
}

// appendHCL appends a string of HCL, where ${ and %{ begin templates unless doubled.
func appendHCL(dst []byte, s string) []byte {
	s = strings.ReplaceAll(s, "${", "$${")
	return appendString(dst, strings.ReplaceAll(s, "%{", "%%{"))
}
