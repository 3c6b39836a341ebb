// go get github.com/Azure/azure-sdk-for-go/sdk/storage/azblob github.com/Azure/azure-sdk-for-go/sdk/azidentity
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
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
	client, err := azblob.NewClient(os.Getenv("@RESOURCEENDPOINT@"), credential, nil)
	if err != nil {
		return err
	}
	container := "greeting-" + strings.ToLower(rand.Text())
	if _, err := client.CreateContainer(ctx, container, nil); err != nil {
		return err
	}
	defer client.DeleteContainer(ctx, container, nil)
	if _, err := client.UploadBuffer(ctx, container, "greeting.txt", []byte("hello"), nil); err != nil {
		return err
	}
	blob, err := client.DownloadStream(ctx, container, "greeting.txt", nil)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(blob.Body)
	if err != nil {
		return err
	}
	fmt.Printf("ok: read '%s' from container %s\n", text, container)
	return nil
}
