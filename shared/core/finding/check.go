package finding

// Check is what a finding of that id means, how bad it is, what to do, and who says
// so.
type Check struct {
	ID       string
	Severity Severity
	Title    string // what the finding means, one line
	Hint     string // the remedy; a finding may carry a closer one
	APICode  string // the error code of the service; "" leaves it to the parameter's row
	Ref      string // the document that says so
}
