/** Classic networks, ready to train. */
export * from './cnn';
export * from './lenet';
export * from './mlp';
