// go get go.mongodb.org/mongo-driver/v2
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"
)

func main() {
	if err := greet(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func greet(ctx context.Context) error {
	url, err := connstring.ParseAndValidate(os.Getenv("@CONNECTIONSTRING@"))
	if err != nil {
		return err
	}
	client, err := mongo.Connect(options.Client().ApplyURI(url.String()))
	if err != nil {
		return err
	}
	defer client.Disconnect(ctx)
	greetings := client.Database(url.Database).Collection("greeting_" + rand.Text())
	if _, err := greetings.InsertOne(ctx, bson.M{"_id": 1, "text": "hello"}); err != nil {
		return err
	}
	defer greetings.Drop(ctx)
	var found struct{ Text string }
	if err := greetings.FindOne(ctx, bson.M{"_id": 1}).Decode(&found); err != nil {
		return err
	}
	fmt.Printf("ok: read '%s' from collection %s\n", found.Text, greetings.Name())
	return nil
}
