package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// chromium is the one browser that all tests of this package share; each has a context of its own in
// it: its own cookies, its own cache. The first test that needs it starts it.
var chromium = &process{turns: make(chan struct{}, 3)}

type process struct {
	turns  chan struct{} // so many tests drive it at once
	once   sync.Once
	ctx    context.Context
	failed error
	stop   func()
}

func TestMain(m *testing.M) {
	code := m.Run()
	if chromium.stop != nil {
		chromium.stop()
	}
	os.Exit(code)
}

// start finds and starts Chromium, once. A machine without it fails the tests: pages that nobody saw
// are not tested.
func (c *process) start() (context.Context, error) {
	c.once.Do(func() { c.failed = c.launch() })
	return c.ctx, c.failed
}

func (c *process) launch() error {
	binary, err := findChromium()
	if err != nil {
		return err
	}
	profile, err := os.MkdirTemp("", "portico-chromium-")
	if err != nil {
		return err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(binary), chromedp.UserDataDir(profile), chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "en-GB"), chromedp.Env("LANGUAGE=en"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ground, release := chromedp.NewExecAllocator(context.Background(), options...)
	browser, quit := chromedp.NewContext(ground, chromedp.WithErrorf(func(string, ...any) {})) // tests say what failed
	c.ctx = browser
	c.stop = func() {
		ending, end := context.WithTimeout(browser, 10*time.Second)
		defer end()
		_ = chromedp.Cancel(ending)
		quit()
		release()
		_ = os.RemoveAll(profile)
	}
	if err := chromedp.Do(browser); err != nil {
		return fmt.Errorf("%s does not start: %w", binary, err)
	}
	return nil
}

func findChromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("the browser tests need Chromium and found none: apt-get install chromium (on Debian or Ubuntu), or run make need")
}
