// stand-in for the bearer check of NetBird's management API on the library it uses. nblab DISCOVERY_URL AUDIENCE LISTEN; REFRESH=1 = IdpSignKeyRefreshEnabled
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/big"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

type key struct {
	Kty, Kid, N, E, Crv, X, Y string
	X5c                       []string
}

var keys []key
var until, forced time.Time

func get(u string, v any) (http.Header, error) { // no timeout; the status is looked at for discovery only
	r, err := http.Get(u)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	if strings.Contains(u, "/.well-known/") && r.StatusCode != 200 {
		return nil, fmt.Errorf("OIDC configuration request returned status %d", r.StatusCode)
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
func main() {
	var d struct{ Issuer, Jwks_uri string }
	if _, err := get(os.Args[1], &d); err != nil {
		log.Fatal(err) // management refuses to start
	}
	load(d.Jwks_uri)
	refresh := os.Getenv("REFRESH") != ""
	kf := func(t *jwt.Token) (any, error) {
		if refresh && time.Now().Add(5*time.Second).After(until) {
			load(d.Jwks_uri)
		}
		k, err := pick(t)
		if errors.Is(err, missing) && refresh && time.Since(forced) > 30*time.Second {
			forced = time.Now()
			load(d.Jwks_uri)
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
