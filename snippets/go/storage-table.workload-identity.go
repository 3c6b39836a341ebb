// go get github.com/Azure/azure-sdk-for-go/sdk/data/aztables github.com/Azure/azure-sdk-for-go/sdk/azidentity
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

type greeting struct{ PartitionKey, RowKey, Text string }

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
	service, err := aztables.NewServiceClient(os.Getenv("@RESOURCEENDPOINT@"), credential, nil)
	if err != nil {
		return err
	}
	name := "greeting" + rand.Text()
	table := service.NewClient(name)
	if _, err := table.CreateTable(ctx, nil); err != nil {
		return err
	}
	defer table.Delete(ctx, nil)
	entity, err := json.Marshal(greeting{"greetings", "1", "hello"})
	if err != nil {
		return err
	}
	if _, err := table.AddEntity(ctx, entity, nil); err != nil {
		return err
	}
	answer, err := table.GetEntity(ctx, "greetings", "1", nil)
	if err != nil {
		return err
	}
	var found greeting
	if err := json.Unmarshal(answer.Value, &found); err != nil {
		return err
	}
	fmt.Printf("ok: read '%s' from table %s\n", found.Text, name)
	return nil
}
