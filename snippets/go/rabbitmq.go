// go get github.com/rabbitmq/amqp091-go
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"os"

	amqp "github.com/rabbitmq/amqp091-go"
)

func main() {
	if err := greet(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func greet(ctx context.Context) error {
	connection, err := amqp.Dial(os.Getenv("@URL@"))
	if err != nil {
		return err
	}
	defer connection.Close()
	channel, err := connection.Channel()
	if err != nil {
		return err
	}
	queue := "greeting-" + rand.Text()
	if _, err := channel.QueueDeclare(queue, false, true, true, false, nil); err != nil {
		return err
	}
	defer channel.QueueDelete(queue, false, false, false)
	if err := channel.Confirm(false); err != nil {
		return err
	}
	sent, err := channel.PublishWithDeferredConfirm("", queue, true, false, amqp.Publishing{Body: []byte("hello")})
	if err != nil {
		return err
	}
	if taken, err := sent.WaitContext(ctx); err != nil || !taken {
		return errors.Join(err, errors.New("the server didn't take the message"))
	}
	message, found, err := channel.Get(queue, true)
	if err != nil || !found {
		return errors.Join(err, errors.New("no message in the queue"))
	}
	fmt.Printf("ok: read '%s' from queue %s\n", message.Body, queue)
	return nil
}
