// Stand-in for two clients of NetBird on the libraries that it uses.
//
//	api DISCOVERY_URL AUDIENCE LISTEN   the bearer check of the management API; REFRESH=1 = IdpSignKeyRefreshEnabled
//	api login DISCOVERY_URL CLIENT_ID   the command line: prints the authorization URL, reads where the browser was sent,
//	                                    redeems the code and prints the access token, or dies saying why
package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"
)

type key struct {
	Kty, Kid, N, E, Crv, X, Y string
	X5c                       []string
}

// What the management service reads of the document, and hands to the other clients.
type document struct {
	Issuer                string `json:"issuer"`
	TokenEndpoint         string `json:"token_endpoint"`
	DeviceAuthEndpoint    string `json:"device_authorization_endpoint"`
	JwksURI               string `json:"jwks_uri"`
	AuthorizationEndpoint string `json:"authorization_endpoint"`
}

var keys []key
var until, forced time.Time

func get(u string, v any) (http.Header, error) { // no timeout; the status is looked at for discovery only
	r, err := http.Get(u)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	if d, ok := v.(*document); ok {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if r.StatusCode != 200 {
			return nil, fmt.Errorf("OIDC configuration request returned status %d", r.StatusCode)
		}
		return r.Header, json.Unmarshal(body, d)
	}
	return r.Header, json.NewDecoder(r.Body).Decode(v)
}
func load(u string) {
	var d struct{ Keys []key }
	h, err := get(u, &d)
	if err != nil {
		log.Print("could not get keys: ", err)
		return
	}
	age := 0
	if m := regexp.MustCompile(`max-age=(\d+)`).FindStringSubmatch(h.Get("Cache-Control")); m != nil {
		age, _ = strconv.Atoi(m[1])
	}
	keys, until = d.Keys, time.Now().Add(time.Duration(age)*time.Second)
}

var missing = errors.New("unable to find appropriate key")

func pick(t *jwt.Token) (any, error) {
	n := func(s string) *big.Int {
		b, _ := base64.RawURLEncoding.DecodeString(s)
		return new(big.Int).SetBytes(b)
	}
	for _, k := range keys {
		if t.Header["kid"] != k.Kid { // a token without kid never matches, not even a key without kid
			continue
		}
		if len(k.X5c) > 0 {
			return jwt.ParseRSAPublicKeyFromPEM([]byte("-----BEGIN CERTIFICATE-----\n" + k.X5c[0] + "\n-----END CERTIFICATE-----"))
		}
		switch k.Kty {
		case "RSA":
			return &rsa.PublicKey{N: n(k.N), E: int(n(k.E).Int64())}, nil
		case "EC":
			c := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[k.Crv]
			return &ecdsa.PublicKey{Curve: c, X: n(k.X), Y: n(k.Y)}, nil
		}
	}
	return nil, missing
}
func login(discovery, client string) {
	log.SetFlags(0)
	var d document
	if _, err := get(discovery, &d); err != nil {
		log.Fatal(err)
	}
	config := oauth2.Config{ClientID: client, RedirectURL: "http://localhost:53000", Scopes: []string{"openid", "profile", "email"},
		Endpoint: oauth2.Endpoint{AuthURL: d.AuthorizationEndpoint, TokenURL: d.TokenEndpoint}}
	state, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	fmt.Println(config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("audience", client)))
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	back, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		log.Fatal(err)
	}
	q := back.Query()
	if e := q.Get("error"); e != "" {
		log.Fatalf("%s: %s", e, q.Get("error_description"))
	}
	if q.Get("state") != state {
		log.Fatal("invalid state")
	}
	token, err := config.Exchange(context.Background(), q.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		log.Fatal(err)
	}
	parts := strings.Split(token.AccessToken, ".")
	if len(parts) != 3 {
		log.Fatal("token is not a well-formed JWT")
	}
	fmt.Println(token.AccessToken)
}

func main() {
	if os.Args[1] == "login" {
		login(os.Args[2], os.Args[3])
		return
	}
	var d document
	if _, err := get(os.Args[1], &d); err != nil {
		log.Fatal(err) // management refuses to start
	}
	load(d.JwksURI)
	refresh := os.Getenv("REFRESH") != ""
	kf := func(t *jwt.Token) (any, error) {
		if refresh && time.Now().Add(5*time.Second).After(until) {
			load(d.JwksURI)
		}
		k, err := pick(t)
		if errors.Is(err, missing) && refresh && time.Since(forced) > 30*time.Second {
			forced = time.Now()
			load(d.JwksURI)
			k, err = pick(t)
		}
		return k, err
	}
	log.Fatal(http.ListenAndServe(os.Args[3], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t, err := jwt.Parse(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), kf, jwt.WithAudience(os.Args[2]), jwt.WithIssuer(d.Issuer), jwt.WithIssuedAt())
		if err == nil {
			if s, _ := t.Claims.(jwt.MapClaims)["sub"].(string); s != "" {
				fmt.Fprintf(w, `[{"id":%q}]`, s)
				return
			}
			err = errors.New("user ID claim token value is empty")
		}
		log.Print(err)
		http.Error(w, `{"message":"token invalid","code":401}`, 401)
	})))
}
