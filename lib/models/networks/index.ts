/** Classic networks, ready to train. */
export type { NetworkForm } from './blocks';
export * from './cnn';
export * from './lenet';
export * from './mlp';
export * from './mobilenet';
export * from './resnet';
export * from './squeezenet';
export * from './vgg';
