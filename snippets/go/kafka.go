// go get github.com/twmb/franz-go github.com/twmb/franz-go/pkg/kadm
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
)

func main() {
	if err := greet(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func greet(ctx context.Context) error {
	if mechanism := os.Getenv("@SASLMECHANISM@"); mechanism != "PLAIN" {
		return fmt.Errorf("SASL mechanism %q isn't handled here", mechanism)
	}
	login := plain.Auth{User: os.Getenv("@USERNAME@"), Pass: os.Getenv("@PASSWORD@")}
	topic := "greeting-" + rand.Text()
	options := []kgo.Opt{
		kgo.SeedBrokers(strings.Split(os.Getenv("@BOOTSTRAPSERVERS@"), ",")...),
		kgo.SASL(login.AsMechanism()),
		kgo.DefaultProduceTopic(topic),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}),
	}
	if os.Getenv("@SECURITYPROTOCOL@") == "SASL_SSL" {
		options = append(options, kgo.DialTLS())
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	if _, err := admin.CreateTopic(ctx, 1, -1, nil, topic); err != nil {
		return err
	}
	defer admin.DeleteTopic(ctx, topic)
	if err := client.ProduceSync(ctx, kgo.StringRecord("hello")).FirstErr(); err != nil {
		return err
	}
	received := client.PollFetches(ctx)
	if err := received.Err(); err != nil {
		return err
	}
	for _, message := range received.Records() {
		fmt.Printf("ok: read '%s' from topic %s\n", message.Value, topic)
	}
	return nil
}
