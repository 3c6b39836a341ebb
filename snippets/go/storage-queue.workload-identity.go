// go get github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue github.com/Azure/azure-sdk-for-go/sdk/azidentity
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

func main() {
	if err := greet(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func greet(ctx context.Context) error {
	// Signs in as the pod's ServiceAccount.
	credential, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		return err
	}
	service, err := azqueue.NewServiceClient(os.Getenv("@RESOURCEENDPOINT@"), credential, nil)
	if err != nil {
		return err
	}
	name := "greeting-" + strings.ToLower(rand.Text())
	if _, err := service.CreateQueue(ctx, name, nil); err != nil {
		return err
	}
	defer service.DeleteQueue(ctx, name, nil)
	queue := service.NewQueueClient(name)
	if _, err := queue.EnqueueMessage(ctx, "hello", nil); err != nil {
		return err
	}
	received, err := queue.DequeueMessage(ctx, nil)
	if err != nil {
		return err
	}
	for _, message := range received.Messages {
		fmt.Printf("ok: read '%s' from queue %s\n", *message.MessageText, name)
	}
	return nil
}
