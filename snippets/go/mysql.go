// go get github.com/go-sql-driver/mysql
package main

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"log"
	"os"

	_ "github.com/go-sql-driver/mysql"
)

func main() {
	if err := greet(); err != nil {
		log.Fatal(err)
	}
}

func greet() error {
	db, err := sql.Open("mysql", os.Getenv("@CONNECTIONSTRING@"))
	if err != nil {
		return err
	}
	defer db.Close()
	table := "greeting_" + rand.Text()
	if _, err := db.Exec("CREATE TABLE " + table + " (text varchar(100))"); err != nil {
		return err
	}
	defer db.Exec("DROP TABLE " + table)
	if _, err := db.Exec("INSERT INTO "+table+" VALUES (?)", "hello"); err != nil {
		return err
	}
	var text string
	if err := db.QueryRow("SELECT text FROM " + table).Scan(&text); err != nil {
		return err
	}
	fmt.Printf("ok: read '%s' from table %s\n", text, table)
	return nil
}
