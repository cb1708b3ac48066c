# Fills a fresh glewlwyd at $1 (its own address) with one OpenID Connect plug-in whose issuer is $2; k.pem and k.pub lie here.
set -eu
C="curl -sf -o /dev/null -b adm -c adm -H content-type:application/json"
$C "$1/api/auth/" -d '{"username":"admin","password":"password"}'
jq -n --arg iss "$2" --rawfile k k.pem --rawfile c k.pub '{module:"oidc",name:"oidc",display_name:"OIDC",enabled:true,parameters:{
  "iss":$iss,"jwt-type":"rsa","jwt-key-size":"256","key":$k,"cert":$c,"code-duration":600,"access-token-duration":3600,
  "refresh-token-duration":1209600,"refresh-token-rolling":true,"allow-non-oidc":true,"auth-type-code-enabled":true,
  "auth-type-token-enabled":false,"auth-type-id-token-enabled":true,"auth-type-none-enabled":true,
  "auth-type-password-enabled":false,"auth-type-client-enabled":true,"auth-type-device-enabled":true,
  "device-authorization-expiration":600,"device-authorization-interval":5,"auth-type-refresh-enabled":true,
  "pkce-allowed":true,"pkce-method-plain-allowed":false,"jwks-show":true,"subject-type":"public",
  "introspection-revocation-allowed":true,"introspection-revocation-allow-target-client":true,
  "request-parameter-allow":false}}' | $C "$1/api/mod/plugin/" -d @-
$C "$1/api/client/" -d '{"client_id":"web","name":"Web","password":"s3cret-web","confidential":true,"enabled":true,
  "redirect_uri":["http://127.0.0.1:9999/cb"],"authorization_type":["code","refresh_token"],"token_endpoint_auth_method":["client_secret_basic"]}'
