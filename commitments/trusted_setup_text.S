/* The setup's text, byte for byte. trusted_setup.cpp checks its SHA-256 before use. */

    .section .rodata
    .global ashlar_trusted_setup_text
    .global ashlar_trusted_setup_text_end
ashlar_trusted_setup_text:
    .incbin ASHLAR_TRUSTED_SETUP_PATH
ashlar_trusted_setup_text_end:

    .section .note.GNU-stack, "", @progbits
