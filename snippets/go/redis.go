// go get github.com/redis/go-redis/v9
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"

	"github.com/redis/go-redis/v9"
)

func main() {
	if err := greet(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func greet(ctx context.Context) error {
	options, err := redis.ParseURL(os.Getenv("@CONNECTIONSTRING@"))
	if err != nil {
		return err
	}
	client := redis.NewClient(options)
	defer client.Close()
	key := "greeting-" + rand.Text()
	if err := client.Set(ctx, key, "hello", 0).Err(); err != nil {
		return err
	}
	defer client.Del(ctx, key)
	text, err := client.Get(ctx, key).Result()
	if err != nil {
		return err
	}
	fmt.Printf("ok: read '%s' from key %s\n", text, key)
	return nil
}
