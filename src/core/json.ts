/** A value that JSON can hold. Facts, inputs and outputs are made of these and of nothing else. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export type JsonObject = { readonly [key: string]: Json }
