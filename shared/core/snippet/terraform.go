package snippet

import (
	"slices"
	"strconv"
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
// resource of the official provider, with the block that imports it. What the resource
// needs beside is that of the current configuration, or a comment; others name what it
// can't say.
//
// Source: terraform-provider-alicloud, alicloud_vpn_gateway_vpn_attachment; version
// 1.246.0 brought both tunnels. Version 1.277.0, driven by Terraform, sends empty text for
// a name or a customer gateway that the block leaves out, which is refused; versions up
// to 1.289.0 find no difference within a tunnel.
func Terraform(dst []byte, in Input) []byte {
	in = in.withVariables()
	noted := in
	noted.variables = slices.Clone(in.variables)
	for i := range noted.variables {
		noted.variables[i].name = "TF_VAR_" + strings.ToLower(in.variables[i].name)
	}
	dst = append(noted.appendNote(dst, "#"), terraformHead...)
	dst = append(dst, "  region = "...)
	dst = appendHCL(dst, in.Change.Text(attachment.RegionID))
	dst = append(dst, "\n}\n\nimport {\n  to = alicloud_vpn_gateway_vpn_attachment.this\n  id = "...)
	dst = appendHCL(dst, in.Change.Text(attachment.VpnConnectionID))
	dst = append(dst, "\n}\n\n"...)
	for i := range in.variables {
		name := in.variables[i].name
		dst = append(dst, "variable \""+strings.ToLower(name)+"\" {\n  type      = string\n  sensitive = true\n}\n\n"...)
	}
	return in.resource().append(dst, &in, "")
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
	tunnels := c.Tunnels()
	dual := len(tunnels) > 0 || c.Values[attachment.EnableTunnelsBGP].Present()
	var now *attachment.Change
	if in.Current != nil {
		now, dual = in.Current.Config(), in.Current.Dual
	}
	resource := &block{header: `resource "alicloud_vpn_gateway_vpn_attachment" "this"`}
	resource.fill(attachment.ConnectionSections, c.Section, c.Has)
	single := func(field int) string {
		if now == nil {
			return ""
		}
		return now.Text(field)
	}
	resource.need("vpn_attachment_name", single(attachment.Name), "the one that the attachment has; without it the provider sends an empty name")
	resource.need("local_subnet", single(attachment.LocalSubnet), "the one that the attachment has")
	resource.need("remote_subnet", single(attachment.RemoteSubnet), "the one that the attachment has")
	if !dual {
		resource.need("customer_gateway_id", single(attachment.CustomerGatewayID), "the one that the attachment has; without it the provider sends an empty one")
		return resource
	}
	var known [attachment.MaxTunnels]*attachment.Tunnel
	if now != nil {
		for n := range now.Tunnels() {
			known[n] = &now.Tunnels()[n]
		}
	}
	for n := range tunnels {
		t := &tunnels[n]
		tunnel := &block{header: snake(attachment.TunnelsName)}
		tunnel.fill(attachment.TunnelSections, t.Section, t.Has)
		index := in.indexOf(t)
		tunnel.needTyped("tunnel_index", index, "1 or 2", attachment.Int)
		gateway := ""
		if i, err := strconv.Atoi(index); err == nil && i >= 1 && i <= len(known) && known[i-1] != nil {
			gateway, known[i-1] = known[i-1].Values[attachment.TunnelCustomerGatewayID].Text(), nil
		}
		tunnel.need("customer_gateway_id", gateway, "the one that the tunnel has")
		resource.blocks = append(resource.blocks, tunnel)
	}
	for n, t := range known {
		if t != nil && in.Current.Tunnels[n].Shown {
			tunnel := &block{header: snake(attachment.TunnelsName)}
			tunnel.needTyped("tunnel_index", strconv.Itoa(n+1), "1 or 2", attachment.Int)
			tunnel.need("customer_gateway_id", t.Values[attachment.TunnelCustomerGatewayID].Text(), "the one that the tunnel has")
			resource.blocks = append(resource.blocks, tunnel)
		}
	}
	if len(resource.blocks) < attachment.MaxTunnels {
		resource.comments = append(resource.comments, "Both tunnels of the attachment belong here, each as a tunnel_options_specification.")
	}
	if len(tunnels) > 0 {
		resource.comments = append(resource.comments,
			"Versions of the provider up to 1.289.0 compare tunnels by tunnel_index and customer_gateway_id only:",
			"for an edit within a tunnel they report \"No changes\". Look at the attachment after terraform apply.")
	}
	return resource
}

// indexOf is the index of a tunnel's item, by its id where it is known; else empty.
func (in *Input) indexOf(t *attachment.Tunnel) string {
	if index := t.Values[attachment.TunnelIndex].Text(); index != "" || in.Current == nil {
		return index
	}
	for n, now := range in.Current.Tunnels {
		if now.Shown && now.ID != "" && now.ID == t.Values[attachment.TunnelID].Text() {
			return strconv.Itoa(n + 1)
		}
	}
	return ""
}

// fill takes the values of the sections: those of the first as attributes, the
// others as blocks.
func (b *block) fill(sections []attachment.Section, values func(int) []attachment.Value, has func(int) bool) {
	for s := range sections {
		into := b
		if s > attachment.SectionTop {
			if !has(s) {
				continue
			}
			into = &block{header: snake(sections[s].Name)}
			b.blocks = append(b.blocks, into)
		}
		for p, text := range fields(&sections[s], values(s)) {
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
	case p.Name == "Role":
		return "role"
	case p.Identifier || p.NoEffect || p.Unseen || p.Hidden || p.Name == "TunnelId":
		return ""
	case p.Name == "Name":
		return "vpn_attachment_name"
	case p.Name == "EnableBgp":
		return "enable"
	}
	return snake(p.Name)
}

// need adds a required argument that the change does not bring: its current value, or
// a comment where that is not known.
func (b *block) need(name, now, which string) { b.needTyped(name, now, which, attachment.Text) }

func (b *block) needTyped(name, now, which string, kind attachment.Kind) {
	switch {
	case slices.ContainsFunc(b.attributes, func(a attribute) bool { return a.name == name }):
	case now != "":
		b.attributes = append(b.attributes, attribute{name, now, kind})
	default:
		b.comments = append(b.comments, "REQUIRED: "+name+", "+which+".")
	}
}

// append writes the block as terraform fmt would.
func (b *block) append(dst []byte, in *Input, indent string) []byte {
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
		if pieces := in.split(a.text); len(pieces) == 1 && pieces[0].variable != nil {
			dst = append(dst, "var."+strings.ToLower(pieces[0].variable.name)...)
		} else if isTyped(a.kind) {
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
		dst = inside.append(dst, in, inner)
	}
	return append(dst, indent+"}\n"...)
}

// appendHCL appends a string of HCL, where ${ and %{ begin templates unless doubled.
func appendHCL(dst []byte, s string) []byte {
	s = strings.ReplaceAll(s, "${", "$${")
	return appendString(dst, strings.ReplaceAll(s, "%{", "%%{"))
}
