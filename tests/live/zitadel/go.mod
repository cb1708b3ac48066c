module lab

go 1.25.0

require github.com/zitadel/oidc/v3 v3.45.0
