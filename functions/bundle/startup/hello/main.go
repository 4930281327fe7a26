// Command hello is the smallest function: what others are measured by.
package main

import "github.com/aws/aws-lambda-go/lambda"

func main() {
	lambda.Start(func() (string, error) { return "hello, world", nil })
}
