// Package template holds the tests of template.yaml: it is expanded as by
// CloudFormation, and compared with what the programs read and call.
package template
