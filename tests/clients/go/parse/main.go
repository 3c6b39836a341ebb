// Tells what each Go library's own parser makes of a connection string: reads JSON lines
// {"format": "…", "text": "…"} and prints for each one JSON line of its parts, or {"error": "…"}.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/microsoft/go-mssqldb/msdsn"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"
)

type parts = map[string]any

var parsers = map[string]func(string) (parts, error){
	"libpq": func(text string) (parts, error) {
		c, err := pgx.ParseConfig(text)
		if err != nil {
			return nil, err
		}
		return parts{"host": c.Host, "port": c.Port, "database": c.Database, "user": c.User,
			"password": c.Password, "tls": c.TLSConfig != nil}, nil
	},
	"go-mysql": func(text string) (parts, error) {
		c, err := mysql.ParseDSN(text)
		if err != nil {
			return nil, err
		}
		return parts{"user": c.User, "password": c.Passwd, "addr": c.Addr, "database": c.DBName,
			"tls": c.TLSConfig}, nil
	},
	"redis-url": func(text string) (parts, error) {
		c, err := redis.ParseURL(text)
		if err != nil {
			return nil, err
		}
		return parts{"addr": c.Addr, "user": c.Username, "password": c.Password, "database": c.DB,
			"tls": c.TLSConfig != nil}, nil
	},
	"mongodb-url": func(text string) (parts, error) {
		c, err := connstring.ParseAndValidate(text)
		if err != nil {
			return nil, err
		}
		return parts{"hosts": c.Hosts, "user": c.Username, "password": c.Password, "database": c.Database,
			"authSource": c.AuthSource, "tls": c.SSL}, nil
	},
	"amqp-url": func(text string) (parts, error) {
		c, err := amqp.ParseURI(text)
		if err != nil {
			return nil, err
		}
		return parts{"scheme": c.Scheme, "host": c.Host, "port": c.Port, "user": c.Username,
			"password": c.Password, "vhost": c.Vhost}, nil
	},
	"go-mssql": func(text string) (parts, error) {
		c, err := msdsn.Parse(text)
		if err != nil {
			return nil, err
		}
		return parts{"host": c.Host, "port": c.Port, "database": c.Database, "user": c.User,
			"password": c.Password}, nil
	},
	"storage": storage,
}

// The storage libraries show their endpoints only; the account and that the key is usable are seen
// from the request that they would send.
func storage(text string) (parts, error) {
	var account string
	catch := sender(func(request *http.Request) (*http.Response, error) {
		account, _, _ = strings.Cut(strings.TrimPrefix(request.Header.Get("Authorization"), "SharedKey "), ":")
		return nil, errors.New("not sent")
	})
	options := policy.ClientOptions{Transport: catch, Retry: policy.RetryOptions{MaxRetries: -1}}
	blob, err := azblob.NewClientFromConnectionString(text, &azblob.ClientOptions{ClientOptions: options})
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	_, _ = blob.ServiceClient().GetProperties(context.Background(), nil)
	queue, err := azqueue.NewServiceClientFromConnectionString(text, &azqueue.ClientOptions{ClientOptions: options})
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	if _, err := aztables.NewServiceClientFromConnectionString(text, nil); err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	return parts{"blob": blob.URL(), "queue": queue.URL(), "account": account}, nil
}

type sender func(*http.Request) (*http.Response, error)

func (s sender) Do(request *http.Request) (*http.Response, error) { return s(request) }

func main() {
	lines := bufio.NewReader(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	answers.SetEscapeHTML(false)
	for {
		line, end := lines.ReadBytes('\n')
		if len(strings.TrimSpace(string(line))) > 0 {
			if err := answers.Encode(answer(line)); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		if end == io.EOF {
			return
		}
	}
}

func answer(line []byte) (result parts) {
	defer func() {
		if panicked := recover(); panicked != nil {
			result = parts{"error": fmt.Sprint("panic: ", panicked)}
		}
	}()
	var question struct{ Format, Text string }
	if err := json.Unmarshal(line, &question); err != nil {
		return parts{"error": err.Error()}
	}
	parse, known := parsers[question.Format]
	if !known {
		return parts{"error": "unknown format " + question.Format}
	}
	result, err := parse(question.Text)
	if err != nil {
		return parts{"error": err.Error()}
	}
	return result
}
