/* A Modbus server that is none of ours, on Debian's libmodbus: "tcp" prints the port it was given, "rtu DEVICE" 0.

   Holding register n holds 1000 + n at first, input register n 2000 + n; coil and discrete input n are set where 3
   divides n. Unit 1. Registers 0 to 199 and bits 0 to 99 are there. */
#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static modbus_mapping_t *filled(void)
{
    modbus_mapping_t *map = modbus_mapping_new(100, 100, 200, 200);
    for (int n = 0; map != NULL && n < 200; n++) {
        map->tab_registers[n] = 1000 + n;
        map->tab_input_registers[n] = 2000 + n;
        if (n < 100)
            map->tab_bits[n] = map->tab_input_bits[n] = n % 3 == 0;
    }
    return map;
}

static void serve(modbus_t *ctx, modbus_mapping_t *map)
{
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    int length;
    while ((length = modbus_receive(ctx, query)) >= 0 || errno == EMBBADCRC)
        if (length > 0)
            modbus_reply(ctx, query, length, map);
}

int main(int argc, char **argv)
{
    modbus_mapping_t *map = filled();
    if (argc == 3 && strcmp(argv[1], "rtu") == 0) {
        modbus_t *ctx = modbus_new_rtu(argv[2], 115200, 'N', 8, 1);
        if (map == NULL || ctx == NULL || modbus_set_slave(ctx, 1) < 0 || modbus_connect(ctx) < 0)
            return 1;
        printf("0\n");
        fflush(stdout);
        serve(ctx, map);
        return 0;
    }
    modbus_t *ctx = modbus_new_tcp("127.0.0.1", 0);
    int listening = ctx == NULL ? -1 : modbus_tcp_listen(ctx, 4);
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    if (map == NULL || listening < 0 || getsockname(listening, (struct sockaddr *)&address, &size) < 0)
        return 1;
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    while (modbus_tcp_accept(ctx, &listening) >= 0) {
        serve(ctx, map);
        modbus_close(ctx);
    }
    return 0;
}
