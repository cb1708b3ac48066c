// The example provider of zitadel/oidc. The example's own main binds every interface; this one binds loopback, and
// takes its issuer from the environment.
package main

import (
	"log"
	"log/slog"
	"net/http"
	"os"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

func main() {
	storage.RegisterClients(storage.WebClient("web", "s3cret-web", "http://127.0.0.1:9999/cb"))
	users, err := storage.StoreFromFile(os.Getenv("USERS"))
	if err != nil {
		log.Fatal(err)
	}
	h := exampleop.SetupServer(os.Getenv("ISSUER"), storage.NewStorage(users), slog.Default(), os.Getenv("WRAP") != "")
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), h))
}
