/*
 * A USB/IP device as a mocked device of umockdev: what the kernel's vhci_hcd does for a whole machine, this does for one program,
 * without a kernel module and without root. The program sees a device node and gets its answers over TCP.
 *
 *   umockdev-wrapper usbip-umockdev [--deny] [--busy] PORT BUSID DESCRIPTION SYSPATH -- PROGRAM [ARGUMENT...]
 *
 * DESCRIPTION is a file in umockdev's format, SYSPATH the device's path in it. --deny takes the right to open the device node away,
 * --busy lets claiming fail. Ends with the status of the program.
 *
 * Protocol: Documentation/usb/usbip_protocol.rst of the Linux kernel; requests of programs: linux/usbdevice_fs.h.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/usb/ch9.h>
#include <linux/usbdevice_fs.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <linux/capability.h>
#include <unistd.h>
#include <umockdev.h>

enum { CMD_SUBMIT = 1, CMD_UNLINK = 2, RET_SUBMIT = 3, RET_UNLINK = 4 };
enum { HEADER_BYTES = 48, DEVICE_BYTES = 312, IMPORT_REQUEST_BYTES = 40, OP_BYTES = 8 };
/* An answer that does not come for so long is none: the server is part of the same test. */
enum { PATIENCE_S = 20 };
/* How long a program that asks for finished transfers is kept waiting: its library asks without a break. */
enum { WAIT_US = 100 };

struct transfer {
  guint32 number;
  gboolean done;
  /* Of a request of this program itself: nobody reaps it. */
  gboolean own;
  gint status;
  UMockdevIoctlData *urb_data;
  UMockdevIoctlData *buffer;
};

static int server = -1;
static guint32 device_id;
static guint32 last_number;
static gboolean gone;
static gboolean claim_busy;
static UMockdevTestbed *testbed;
static const char *sys_path;
static GMutex lock;
static GCond changed;
static GMutex send_lock;
/* Transfers in the order in which they were handed over, and in the order in which they came back. */
static GHashTable *under_way;
static GQueue finished = G_QUEUE_INIT;

static void fail(const char *what) {
  fprintf(stderr, "usbip-umockdev: %s: %s\n", what, strerror(errno));
  exit(3);
}

static gboolean receive(void *to, size_t bytes) {
  for (guint8 *at = to; bytes > 0;) {
    ssize_t got = recv(server, at, bytes, 0);
    if (got <= 0) return FALSE;
    at += got;
    bytes -= got;
  }
  return TRUE;
}

static gboolean transmit(const void *from, size_t bytes) {
  for (const guint8 *at = from; bytes > 0;) {
    ssize_t sent = send(server, at, bytes, MSG_NOSIGNAL);
    if (sent <= 0) return FALSE;
    at += sent;
    bytes -= sent;
  }
  return TRUE;
}

static void put(guint8 *header, int word, guint32 value) {
  value = htobe32(value);
  memcpy(header + 4 * word, &value, 4);
}

static guint32 get(const guint8 *header, int word) {
  guint32 value;
  memcpy(&value, header + 4 * word, 4);
  return be32toh(value);
}

static void import_device(const char *bus_id) {
  guint8 request[IMPORT_REQUEST_BYTES] = {0x01, 0x11, 0x80, 0x03};
  guint8 reply[OP_BYTES], device[DEVICE_BYTES];
  strncpy((char *)request + OP_BYTES, bus_id, IMPORT_REQUEST_BYTES - OP_BYTES - 1);
  if (!transmit(request, sizeof request) || !receive(reply, sizeof reply)) fail("import");
  if (get(reply, 1) != 0) {
    fprintf(stderr, "usbip-umockdev: the server refuses %s (status %u)\n", bus_id, get(reply, 1));
    exit(3);
  }
  if (!receive(device, sizeof device)) fail("import");
  /* After path (256) and bus id (32): bus number, device number. */
  device_id = get(device + 288, 0) << 16 | get(device + 288, 1);
}

static void send_submit(guint32 number, guint8 endpoint, const guint8 *setup, const guint8 *out, guint32 length) {
  guint8 header[HEADER_BYTES] = {0};
  put(header, 0, CMD_SUBMIT);
  put(header, 1, number);
  put(header, 2, device_id);
  put(header, 3, endpoint >> 7);
  put(header, 4, endpoint & 0x0f);
  put(header, 6, length);
  put(header, 8, 0xffffffff);
  if (setup != NULL) memcpy(header + 40, setup, 8);
  g_mutex_lock(&send_lock);
  /* A send that fails shows in the thread that receives. */
  if (transmit(header, sizeof header) && (endpoint & 0x80) == 0) (void)transmit(out, length);
  g_mutex_unlock(&send_lock);
}

static void send_unlink(guint32 number) {
  guint8 header[HEADER_BYTES] = {0};
  put(header, 0, CMD_UNLINK);
  put(header, 1, 0x80000000 | number);
  put(header, 2, device_id);
  put(header, 5, number);
  g_mutex_lock(&send_lock);
  (void)transmit(header, sizeof header);
  g_mutex_unlock(&send_lock);
}

static struct usbdevfs_urb *urb_of(struct transfer *transfer) {
  return (struct usbdevfs_urb *)transfer->urb_data->data;
}

/* Called with the lock held. */
static void finish(struct transfer *transfer, gint status) {
  transfer->done = TRUE;
  transfer->status = status;
  if (!transfer->own) {
    g_hash_table_remove(under_way, GUINT_TO_POINTER(transfer->number));
    urb_of(transfer)->status = status;
    g_queue_push_tail(&finished, transfer);
  }
  g_cond_broadcast(&changed);
}

/* The data of an answer, into the memory of its transfer. */
static gboolean take_data(struct transfer *transfer, guint32 length) {
  struct usbdevfs_urb *urb = transfer == NULL || transfer->own ? NULL : urb_of(transfer);
  guint32 skip = urb != NULL && urb->type == USBDEVFS_URB_TYPE_CONTROL ? 8 : 0;
  if (urb != NULL && skip + length <= (guint32)transfer->buffer->data_len) return receive(transfer->buffer->data + skip, length);
  g_autofree guint8 *nowhere = g_malloc(length);
  return receive(nowhere, length);
}

static gboolean take_answer(void) {
  guint8 header[HEADER_BYTES];
  if (!receive(header, sizeof header)) return FALSE;
  guint32 command = get(header, 0), number = get(header, 1) & 0x7fffffff;
  gint status = (gint)get(header, 5);
  guint32 length = get(header, 6);
  g_mutex_lock(&lock);
  struct transfer *transfer = g_hash_table_lookup(under_way, GUINT_TO_POINTER(number));
  g_mutex_unlock(&lock);
  if (command == RET_SUBMIT) {
    gboolean inward = transfer != NULL && !transfer->own && (urb_of(transfer)->type == USBDEVFS_URB_TYPE_CONTROL
      ? (transfer->buffer->data[0] & 0x80) != 0 : (urb_of(transfer)->endpoint & 0x80) != 0);
    /* Only what goes in has data here; the length of what went out is a number alone. */
    if (inward && length > 0 && !take_data(transfer, length)) return FALSE;
  }
  if (transfer == NULL) return TRUE;
  g_mutex_lock(&lock);
  if (command == RET_SUBMIT) {
    if (!transfer->own) urb_of(transfer)->actual_length = (gint)length;
    finish(transfer, status);
  } else if (command == RET_UNLINK && status != 0) {
    finish(transfer, -ENOENT);
  }
  g_mutex_unlock(&lock);
  return TRUE;
}

static gpointer receive_answers(gpointer unused) {
  (void)unused;
  while (take_answer()) continue;
  /* The server has gone, or it has pulled the cable: both are an unplugged device. */
  g_mutex_lock(&lock);
  gone = TRUE;
  g_autoptr(GList) left = g_hash_table_get_values(under_way);
  for (GList *one = left; one != NULL; one = one->next) finish(one->data, -ESHUTDOWN);
  g_cond_broadcast(&changed);
  g_mutex_unlock(&lock);
  umockdev_testbed_uevent(testbed, sys_path, "remove");
  umockdev_testbed_remove_device(testbed, sys_path);
  return NULL;
}

/* A request of this program itself; answers 0 or an errno. */
static int ask(guint8 type, guint8 request, guint16 value, guint16 index) {
  guint8 setup[8] = {type, request, value & 0xff, value >> 8, index & 0xff, index >> 8, 0, 0};
  struct transfer transfer = {.own = TRUE, .status = -ETIMEDOUT};
  gint64 end = g_get_monotonic_time() + PATIENCE_S * G_TIME_SPAN_SECOND;
  g_mutex_lock(&lock);
  if (gone) {
    g_mutex_unlock(&lock);
    return ENODEV;
  }
  transfer.number = ++last_number;
  g_hash_table_insert(under_way, GUINT_TO_POINTER(transfer.number), &transfer);
  g_mutex_unlock(&lock);
  send_submit(transfer.number, 0, setup, NULL, 0);
  g_mutex_lock(&lock);
  while (!transfer.done && g_cond_wait_until(&changed, &lock, end)) continue;
  g_hash_table_remove(under_way, GUINT_TO_POINTER(transfer.number));
  g_mutex_unlock(&lock);
  return transfer.status == -ESHUTDOWN ? ENODEV : -transfer.status;
}

static void complete(UMockdevIoctlClient *client, int error) {
  umockdev_ioctl_client_complete(client, error == 0 ? 0 : -1, error);
}

static void submit(UMockdevIoctlClient *client, UMockdevIoctlData *arg) {
  g_autoptr(UMockdevIoctlData) urb_data = umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_urb), NULL);
  struct usbdevfs_urb *urb = urb_data == NULL ? NULL : (struct usbdevfs_urb *)urb_data->data;
  if (urb == NULL || urb->type == USBDEVFS_URB_TYPE_ISO) return complete(client, EINVAL);
  guint32 length = (guint32)urb->buffer_length;
  g_autoptr(UMockdevIoctlData) buffer =
    umockdev_ioctl_data_resolve(urb_data, offsetof(struct usbdevfs_urb, buffer), length, NULL);
  if (buffer == NULL && length > 0) return complete(client, EFAULT);
  gboolean control = urb->type == USBDEVFS_URB_TYPE_CONTROL;
  if (control && length < 8) return complete(client, EINVAL);

  struct transfer *transfer = g_new0(struct transfer, 1);
  transfer->urb_data = g_object_ref(urb_data);
  transfer->buffer = buffer == NULL ? NULL : g_object_ref(buffer);
  g_mutex_lock(&lock);
  gboolean late = gone;
  transfer->number = ++last_number;
  if (!late) g_hash_table_insert(under_way, GUINT_TO_POINTER(transfer->number), transfer);
  g_mutex_unlock(&lock);
  if (late) {
    g_clear_object(&transfer->buffer);
    g_clear_object(&transfer->urb_data);
    g_free(transfer);
    return complete(client, ENODEV);
  }
  if (control) {
    guint8 endpoint = buffer->data[0] & 0x80;
    send_submit(transfer->number, endpoint, buffer->data, buffer->data + 8, length - 8);
  } else {
    send_submit(transfer->number, urb->endpoint, NULL, buffer == NULL ? NULL : buffer->data, length);
  }
  complete(client, 0);
}

static void discard(UMockdevIoctlClient *client, UMockdevIoctlData *arg) {
  gulong address;
  memcpy(&address, arg->data, sizeof address);
  guint32 number = 0;
  GHashTableIter each;
  gpointer value;
  g_mutex_lock(&lock);
  g_hash_table_iter_init(&each, under_way);
  while (g_hash_table_iter_next(&each, NULL, &value)) {
    struct transfer *transfer = value;
    if (!transfer->own && transfer->urb_data->client_addr == address) number = transfer->number;
  }
  g_mutex_unlock(&lock);
  if (number == 0) return complete(client, EINVAL);
  send_unlink(number);
  complete(client, 0);
}

static void reap(UMockdevIoctlClient *client, UMockdevIoctlData *arg) {
  gint64 end = g_get_monotonic_time() + WAIT_US;
  g_mutex_lock(&lock);
  while (!gone && g_queue_is_empty(&finished) && g_cond_wait_until(&changed, &lock, end)) continue;
  struct transfer *transfer = g_queue_pop_head(&finished);
  gboolean none_to_come = gone;
  g_mutex_unlock(&lock);
  if (transfer == NULL) return complete(client, none_to_come ? ENODEV : EAGAIN);
  g_autoptr(UMockdevIoctlData) pointer = umockdev_ioctl_data_resolve(arg, 0, sizeof(gpointer), NULL);
  umockdev_ioctl_data_set_ptr(pointer, 0, transfer->urb_data);
  complete(client, 0);
  g_clear_object(&transfer->buffer);
  g_clear_object(&transfer->urb_data);
  g_free(transfer);
}

static void with_words(UMockdevIoctlClient *client, UMockdevIoctlData *arg, gulong request) {
  gsize size = request == USBDEVFS_SETINTERFACE ? 8 : 4;
  g_autoptr(UMockdevIoctlData) data = umockdev_ioctl_data_resolve(arg, 0, size, NULL);
  if (data == NULL) return complete(client, EFAULT);
  guint32 words[2] = {0};
  memcpy(words, data->data, size);
  switch (request) {
    case USBDEVFS_GET_CAPABILITIES:
      words[0] = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_BULK_CONTINUATION | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
        USBDEVFS_CAP_BULK_SCATTER_GATHER | USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
      memcpy(data->data, words, size);
      return complete(client, 0);
    case USBDEVFS_SETINTERFACE:
      return complete(client, ask(USB_RECIP_INTERFACE, USB_REQ_SET_INTERFACE, words[1], words[0]));
    case USBDEVFS_SETCONFIGURATION:
      return complete(client, ask(USB_RECIP_DEVICE, USB_REQ_SET_CONFIGURATION, words[0], 0));
    default:
      return complete(client, ask(USB_RECIP_ENDPOINT, USB_REQ_CLEAR_FEATURE, USB_ENDPOINT_HALT, words[0]));
  }
}

static gboolean handle(UMockdevIoctlBase *base, UMockdevIoctlClient *client) {
  (void)base;
  UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client);
  gulong request = umockdev_ioctl_client_get_request(client);
  switch (request) {
    case USBDEVFS_SUBMITURB:
      submit(client, arg);
      return TRUE;
    case USBDEVFS_DISCARDURB:
      discard(client, arg);
      return TRUE;
    case USBDEVFS_REAPURB:
    case USBDEVFS_REAPURBNDELAY:
      reap(client, arg);
      return TRUE;
    case USBDEVFS_GET_CAPABILITIES:
    case USBDEVFS_SETINTERFACE:
    case USBDEVFS_SETCONFIGURATION:
    case USBDEVFS_CLEAR_HALT:
      with_words(client, arg, request);
      return TRUE;
    case USBDEVFS_CLAIMINTERFACE:
      complete(client, gone ? ENODEV : claim_busy ? EBUSY : 0);
      return TRUE;
    case USBDEVFS_RELEASEINTERFACE:
    case USBDEVFS_RESET:
      complete(client, gone ? ENODEV : 0);
      return TRUE;
    case USBDEVFS_GETDRIVER:
      complete(client, ENODATA);
      return TRUE;
    default:
      complete(client, ENOTTY);
      return TRUE;
  }
}

static void deny(const char *node) {
  g_autofree char *root = umockdev_testbed_get_root_dir(testbed);
  g_autofree char *path = g_strconcat(root, node, NULL);
  if (chmod(path, 0) != 0) fail("chmod");
  /* Root may open everything, unless it gives that up; what it starts then cannot either. */
  if (geteuid() == 0 && (prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE) != 0 || prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH) != 0))
    fail("giving up the rights of root");
}

int main(int count, char **arguments) {
  gboolean denied = FALSE;
  int at = 1;
  for (; at < count && strncmp(arguments[at], "--", 2) == 0; at++) {
    if (strcmp(arguments[at], "--deny") == 0) denied = TRUE;
    else if (strcmp(arguments[at], "--busy") == 0) claim_busy = TRUE;
    else break;
  }
  if (count - at < 6 || strcmp(arguments[at + 4], "--") != 0) {
    fprintf(stderr, "usage: usbip-umockdev [--deny] [--busy] PORT BUSID DESCRIPTION SYSPATH -- PROGRAM [ARGUMENT...]\n");
    return 2;
  }
  const char *node = "/dev/bus/usb/002/007";
  sys_path = arguments[at + 3];
  under_way = g_hash_table_new(g_direct_hash, g_direct_equal);

  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((guint16)atoi(arguments[at]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int one = 1;
  if (connect(server, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
  if (setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0) fail("TCP_NODELAY");
  import_device(arguments[at + 1]);

  g_autoptr(GError) error = NULL;
  testbed = umockdev_testbed_new();
  UMockdevIoctlBase *base = umockdev_ioctl_base_new();
  g_signal_connect(base, "handle-ioctl", G_CALLBACK(handle), NULL);
  if (!umockdev_testbed_add_from_file(testbed, arguments[at + 2], &error) ||
      !umockdev_testbed_attach_ioctl(testbed, node, base, &error)) {
    fprintf(stderr, "usbip-umockdev: %s\n", error->message);
    return 3;
  }
  if (denied) deny(node);
  g_thread_unref(g_thread_new("answers", receive_answers, NULL));

  pid_t child = fork();
  if (child == 0) {
    execvp(arguments[at + 5], arguments + at + 5);
    fail(arguments[at + 5]);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0) fail("starting the program");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
