// go get github.com/jackc/pgx/v5
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"

	"github.com/jackc/pgx/v5"
)

func main() {
	if err := greet(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func greet(ctx context.Context) error {
	db, err := pgx.Connect(ctx, os.Getenv("@CONNECTIONSTRING@"))
	if err != nil {
		return err
	}
	defer db.Close(ctx)
	table := "greeting_" + rand.Text()
	if _, err := db.Exec(ctx, "CREATE TABLE "+table+" (text varchar(100))"); err != nil {
		return err
	}
	defer db.Exec(ctx, "DROP TABLE "+table)
	if _, err := db.Exec(ctx, "INSERT INTO "+table+" VALUES ($1)", "hello"); err != nil {
		return err
	}
	var text string
	if err := db.QueryRow(ctx, "SELECT text FROM "+table).Scan(&text); err != nil {
		return err
	}
	fmt.Printf("ok: read '%s' from table %s\n", text, table)
	return nil
}
